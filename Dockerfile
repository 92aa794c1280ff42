# syntax=docker/dockerfile:1
# Image of the portal, for web, workers, beat and commands. The base is any Debian 13.
ARG BASE=debian:trixie-slim

# -- Runtime: Python, and the libraries that WeasyPrint loads ----------------------------------------------
FROM ${BASE} AS base
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 media-types python3 tzdata \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --user-group --home-dir /nonexistent --shell /usr/sbin/nologin intake \
    && install -d -o intake -g intake -m 0700 /var/lib/intake /var/lib/intake/media /var/lib/intake/mail
ENV PATH=/opt/intake/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp/cache \
    DJANGO_SETTINGS_MODULE=intake.settings.production \
    DATA_DIR=/var/lib/intake
WORKDIR /opt/intake/portal

# -- Build: what scripts/install installs on any server; then the SMTP server's packages --------------------------
FROM base AS build
RUN apt-get update && apt-get install -y --no-install-recommends gettext python3-venv
COPY . /src
RUN sh /src/scripts/install /opt/intake

FROM build AS build-mail-catcher
RUN python3 -m venv /opt/mail-catcher \
    && /opt/mail-catcher/bin/python -m pip install --quiet --no-cache-dir --require-hashes -r /src/requirements/mail_catcher.txt

# -- SMTP server of docker-compose.yml, which stores every message and forwards none -------------------------
FROM base AS mail-catcher
COPY --from=build-mail-catcher /opt/mail-catcher /opt/mail-catcher
COPY --from=build /opt/intake/portal/intake intake
USER intake
EXPOSE 1025
CMD ["/opt/mail-catcher/bin/python", "-m", "intake.devtools.embedded.mail_catcher", "--host", "0.0.0.0", "--port", "1025", "--directory", "/var/lib/intake/mail"]

# -- The portal ---------------------------------------------------------------------------------------------
FROM base AS portal
COPY --from=build /opt/intake/venv /opt/intake/venv
COPY --from=build /opt/intake/portal /opt/intake/portal
USER intake
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000"]
