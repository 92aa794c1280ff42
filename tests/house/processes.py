"""What systemd and the pages say of the portal's processes, drawn from `docker-compose.yml`, the one list of them."""

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))[
    "services"
]
PROCESSES = {name: service for name, service in SERVICES.items() if service["image"] == "intake-portal"}
SERVERS = SERVICES.keys() - PROCESSES.keys()
ONCE = {"migrate"}
"""Run by hand, for each version; the others run always."""
VENV = "/opt/intake/venv/bin"
SECRETS = "/etc/intake"
_USUAL_SHARES = 1024


def files_of(name: str) -> list[str]:
    """Return the names of the files of secrets of a process."""
    return [Path(each["path"]).name for each in PROCESSES[name]["env_file"]]


def command_of(name: str) -> list[str]:
    """Return the command of a process on a server, where all have one address and one name of machine."""
    words = [
        re.sub(r"^(0\.0\.0\.0|web|proxy)(?=:\d+$)", "127.0.0.1", word) for word in PROCESSES[name]["command"]
    ]
    return [*words, "--hostname", f"{name}@%h"] if "worker" in words else words


def unit_of(name: str) -> str:
    """Return the unit of systemd of a process; what all have is in `intake-.service.d/common.conf`."""
    service = PROCESSES[name]
    program, *rest = [word.replace("%", "%%") for word in command_of(name)]
    is_web = name == "web"
    kind = "oneshot" if name in ONCE else "notify" if is_web else "exec"
    lines = [
        f"# Made from the service {name} of docker-compose.yml, by `make held`: change it there.",
        "[Unit]",
        f"Description=Intake portal: {name}",
        *([] if name in ONCE else ["PartOf=intake.target"]),
        *(["Requires=intake-web.socket", "After=intake-web.socket"] if is_web else []),
        "",
        "[Service]",
        f"Type={kind}",
        *[f"EnvironmentFile={SECRETS}/{file}" for file in files_of(name)],
        f"ExecStart={VENV}/{shlex.join([program, *rest])}",
        *([] if name in ONCE else ["Restart=always"]),
        f"TimeoutStopSec={service.get('stop_grace_period', '10s')}",
        f"CPUWeight={round(100 * service.get('cpu_shares', _USUAL_SHARES) / _USUAL_SHARES)}",
        f"MemoryMax={service['mem_limit'].upper()}",
        f"TasksMax={service['pids_limit']}",
    ]
    if service.get("networks") == ["inspection"]:
        lines += [
            "# No network but to the servers: write their addresses here if they are on other machines.",
            "IPAddressDeny=any",
            "IPAddressAllow=localhost",
        ]
    if name not in ONCE:
        lines += ["", "[Install]", "WantedBy=intake.target"]
    return "\n".join(lines) + "\n"


def commands() -> str:
    """Return the block of a page with the command of each process that runs always."""
    lines = [shlex.join(command_of(name)) for name in PROCESSES if name not in ONCE]
    return "```sh\n" + "\n".join(lines) + "\n```\n"


def secrets_table() -> str:
    """Return the table of a page with the file of secrets of each process, and its unit."""
    files = sorted({file for name in PROCESSES for file in files_of(name)}, key=_order)
    rows = [
        [f"`{name}`", f"`intake-{name}`", *["yes" if file in files_of(name) else "" for file in files]]
        for name in PROCESSES
    ]
    head = ["process", "unit of systemd", *[f"`{file}`" for file in files]]
    return "".join(
        f"| {' | '.join(row)} |\n".replace("|  |", "| |").replace("|  |", "| |")
        for row in (head, ["---"] * len(head), *rows)
    )


def _order(file: str) -> tuple[int, str]:
    return -sum(file in files_of(name) for name in PROCESSES), file


BLOCKS = {"commands of the processes": commands, "secrets of the processes": secrets_table}


def with_blocks(page: str) -> str:
    """Return the text of a page with each of its marked blocks drawn again."""
    for name, draw in BLOCKS.items():
        between = rf"(<!-- begin: {name} -->\n).*?(<!-- end: {name} -->\n)"
        page = re.sub(between, lambda found, draw=draw: found[1] + draw() + found[2], page, flags=re.DOTALL)  # type: ignore[misc]  # -- a lambda's default
    return page


def example_with_meanings(example: str, meanings: dict[str, str]) -> str:
    """Return the example of variables with the comment of each line drawn from what the contracts say of it."""
    lines: list[str] = []
    for line in example.splitlines():
        name = re.match(r"#?([A-Z_]+)=", line)
        if name:
            while lines and lines[-1].startswith("# "):
                lines.pop()
            lines.append(f"# {meanings[name[1]]}")
        lines.append(line)
    return "\n".join(lines) + "\n"
