"""The command line as a page of the reference, from the commands themselves; a test holds the page in docs/ equal."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from typer.main import get_command

_HEAD = """# Command line

`analytics-engine COMMAND`. A foreseen failure is one line `error:`, one line `remedy:`, and exit code 2. Settings come
from the environment and from `.env` in the present folder (`.env.example` describes them); what they leave out is
that of the system in `AE_HOME`.
This page is written by `make docs`.
"""


def command_reference(app: typer.Typer) -> str:
    """Return the page of all commands, with their arguments and options."""
    return "\n".join([_HEAD, *_commands("analytics-engine", get_command(app))])


def _commands(path: str, group: typer.core.TyperGroup | object) -> Iterator[str]:
    commands = getattr(group, "commands", {})
    for name, command in commands.items():
        if getattr(command, "commands", None):
            yield from _commands(f"{path} {name}", command)
        else:
            yield from _command(f"{path} {name}", command)


def _command(path: str, command: typer.core.TyperCommand) -> Iterator[str]:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option" and param.name != "help"]
    usage = " ".join([path, *(_shown(argument) for argument in arguments), *(["[OPTIONS]"] if options else [])])
    yield f"## {path.partition(' ')[2]}\n"
    yield f"`{usage}`\n"
    yield " ".join((command.help or "").split()) + "\n"
    if arguments or options:
        yield "| | |\n|---|---|"
        yield from (f"| `{_shown(argument)}` | {_help(argument)} |" for argument in arguments)
        yield from (f"| `{_option(option)}` | {_help(option)} |" for option in options)
        yield ""


def _shown(argument: typer.core.TyperArgument | object) -> str:
    name = str(getattr(argument, "name", "")).upper()
    return name if getattr(argument, "required", False) else f"[{name}]"


def _option(option: typer.core.TyperOption | object) -> str:
    names = [*getattr(option, "opts", ()), *getattr(option, "secondary_opts", ())]
    flag = getattr(option, "is_flag", False)
    return ", ".join(names) + ("" if flag else f" {str(getattr(option, 'name', '')).upper()}")


def _help(parameter: object) -> str:
    return str(getattr(parameter, "help", "") or "").replace("|", "\\|")
