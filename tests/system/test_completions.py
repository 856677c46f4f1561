"""The completions of the shells, tried in the shells themselves."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess

import pytest
from program import Curlew
from terminal import Terminal

SHELLS = ["bash", "zsh", "fish", "powershell", "pwsh"]
SCRIPTS = {
    "bash": ".local/share/bash-completion/completions/curlew",
    "zsh": ".zfunc/_curlew",
    "fish": ".config/fish/completions/curlew.fish",
    "powershell": ".config/powershell/curlew-completion.ps1",
    "pwsh": ".config/powershell/curlew-completion.ps1",
}
HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "';touch pwned;'",
    '";touch pwned;"',
    "a\n touch pwned\n",
    "<(touch pwned)",
    "a b; touch pwned",
    "--format=$(touch pwned)",
    "${x:=$(touch pwned)}",
    "\\",
    "*",
]


class ShellAt:
    """A shell that finds the binary as `curlew`, in a home and a working folder of its own."""

    def __init__(self, curlew: Curlew, folder: pathlib.Path):
        self.curlew = curlew
        self.work = folder / "a folder"
        self.work.mkdir()
        programs = folder / "programs"
        programs.mkdir()
        (programs / "curlew").symlink_to(curlew.binary)
        self.env = curlew.environment({"TERM": "dumb", "HISTFILE": None})
        self.env["PATH"] = f"{programs}:{self.env['PATH']}"

    def script(self, shell: str) -> pathlib.Path:
        run = self.curlew.run("--show-completion", shell)
        assert (run.status, run.stderr) == (0, "")
        path = self.work.parent / f"script.{shell}"
        path.write_text(run.stdout)
        return path

    def run(self, *command: str) -> str:
        done = subprocess.run(command, env=self.env, cwd=self.work, capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stderr.decode()) == (0, ""), done
        return done.stdout.decode()

    def terminal(self, *command: str) -> Terminal:
        return Terminal(list(command), self.env, str(self.work))


@pytest.fixture
def shell_at(fresh_curlew: Curlew, tmp_path: pathlib.Path) -> ShellAt:
    return ShellAt(fresh_curlew, tmp_path)


def need(shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed: its completions are NOT tried")


# What is asked for, and what is answered.


def answer(curlew: Curlew, *words: str) -> tuple[str, dict[str, str]]:
    run = curlew.run("complete", "--", *words)
    assert (run.status, run.stderr) == (0, "")
    paths, *lines = run.stdout.splitlines()
    return paths, dict(line.split("\t", 1) for line in lines)


def test_every_subcommand_and_option_of_the_help_is_offered(curlew: Curlew) -> None:
    _, commands = answer(curlew, "")
    assert {"classify", "models"} <= commands.keys()
    assert "complete" not in commands and "complete" not in curlew.run("--help-all").stdout.replace("completion", "")
    for command in commands:
        _, options = answer(curlew, command, "--")
        told = set(re.findall(r"(?m)^  (?:-\w,)?(--[\w-]+)", curlew.run(command, "--help").stdout))
        assert told and told <= options.keys()
        assert all(options.values()), "each with its help"


def test_values_are_offered_where_there_are_choices(curlew: Curlew) -> None:
    assert list(answer(curlew, "classify", "--format", "")[1]) == ["text", "json", "ndjson", "csv"]
    assert list(answer(curlew, "--install-completion", "")[1]) == SHELLS
    assert {"birds", "imagenet"} <= answer(curlew, "models", "verify", "")[1].keys()
    assert answer(curlew, "classify", "--top", "") == (":none", {})
    assert answer(curlew, "classify", "-c", "") == (":files", {})


# bash


def bash_reply(at: ShellAt, *words: str) -> list[str]:
    """What the function puts into COMPREPLY for `words` as bash has split them."""
    code = """source "$1"; shift
COMP_WORDS=(curlew "$@"); COMP_CWORD=$#; COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
_curlew curlew "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
((${#COMPREPLY[@]})) && printf '%s\\0' "${COMPREPLY[@]}"; true"""
    out = at.run("bash", "--norc", "--noprofile", "-u", "-c", code, "bash", str(at.script("bash")), *words)
    return out.split("\0")[:-1]


def test_bash_completes_without_its_package(shell_at: ShellAt) -> None:
    need("bash")
    assert bash_reply(shell_at, "cla") == ["classify"]
    assert bash_reply(shell_at, "classify", "--fo") == ["--format"]
    assert bash_reply(shell_at, "classify", "--format", "=", "nd") == ["ndjson"]
    assert bash_reply(shell_at, "classify", "--format", "=") == ["text", "json", "ndjson", "csv"]
    (shell_at.work / "bird model.xml").touch()
    assert bash_reply(shell_at, "classify", "--model", "bi") == ["birds", "bird model.xml"]
    assert bash_reply(shell_at, "nonsense", "") == []


def test_bash_on_a_terminal(shell_at: ShellAt) -> None:
    need("bash")
    (shell_at.work / "a bird $(touch pwned).jpg").touch()
    shell_at.env["PS1"] = "READY> "
    with shell_at.terminal("bash", "--norc", "--noprofile", "-i") as terminal:
        terminal.read_until("READY> ")
        terminal.type(f"source '{shell_at.script('bash')}'\n")
        terminal.read_until("READY> ")
        terminal.type("curlew cla\t")
        terminal.read_until("curlew classify ")
        terminal.type("--format=nd\t")
        terminal.read_until("--format=ndjson ")
        terminal.type("a\t")
        terminal.read_until("a\\ bird\\ \\$\\(touch\\ pwned\\).jpg")
    assert not (shell_at.work / "pwned").exists()


# zsh


def start_zsh(shell_at: ShellAt) -> Terminal:
    """With the completion system, and the script sourced."""
    terminal = shell_at.terminal("zsh", "-f", "-i")
    terminal.type("PS1='READY''> '; autoload -Uz compinit; compinit -u -D\n")
    terminal.read_until("READY> ")
    terminal.type(f"source '{shell_at.script('zsh')}'\n")
    terminal.read_until("READY> ")
    return terminal


def test_zsh_understands_the_script(shell_at: ShellAt) -> None:
    need("zsh")
    shell_at.run("zsh", "-f", "-n", str(shell_at.script("zsh")))
    shell_at.run("zsh", "-f", str(shell_at.script("zsh")))


def test_zsh_on_a_terminal(shell_at: ShellAt) -> None:
    need("zsh")
    (shell_at.work / "a bird $(touch pwned).jpg").touch()
    with start_zsh(shell_at) as terminal:
        terminal.type("curlew cla\t")
        terminal.read_until("classify ")
        terminal.type("--format nd\t")
        terminal.read_until("ndjson ")
        terminal.type("--format=nd\t")
        terminal.read_until("--format=ndjson")
        terminal.type(" a\t")
        terminal.read_until("a\\ bird\\ \\$\\(touch\\ pwned\\).jpg")
        terminal.type("\x15curlew mod\t\t")
        terminal.read_until("Download a model into the cache")
    assert not (shell_at.work / "pwned").exists()


def test_zsh_after_installing_it(shell_at: ShellAt) -> None:
    need("zsh")
    assert shell_at.curlew.run("--install-completion", "zsh").status == 0
    shell_at.env["PS1"] = "READY> "
    with (shell_at.curlew.home / ".zshrc").open("a") as profile:
        profile.write("PS1='READY''> '\n")
    with shell_at.terminal("zsh", "-o", "no_global_rcs", "-i") as terminal:
        terminal.read_until("READY> ")
        terminal.type("curlew cla\t")
        terminal.read_until("classify ")


# fish


def fish_offers(shell_at: ShellAt, line: str, *, script: pathlib.Path | None = None) -> dict[str, str]:
    sourced = ["--init-command", f"source '{script or shell_at.script('fish')}'"]
    out = shell_at.run("fish", "--no-config", *sourced, "--command", "complete -C $argv[1]", line)
    return dict((*row.split("\t", 1), "")[:2] for row in out.splitlines())


def test_fish_completes(shell_at: ShellAt) -> None:
    need("fish")
    assert "bird" in fish_offers(shell_at, "curlew cla")["classify"]
    assert list(fish_offers(shell_at, "curlew classify --format ")) == ["csv", "json", "ndjson", "text"]
    assert list(fish_offers(shell_at, "curlew classify --format=nd")) == ["--format=ndjson"]
    (shell_at.work / "list of urls.csv").touch()
    assert "list of urls.csv" in "".join(fish_offers(shell_at, "curlew classify -c lis")).replace("\\ ", " ")
    assert "--csv=list of urls.csv" in "".join(fish_offers(shell_at, "curlew classify --csv=lis")).replace("\\ ", " ")
    assert "birds" in fish_offers(shell_at, "curlew models verify ")
    assert fish_offers(shell_at, "curlew classify --top ") == {}


def test_fish_finds_it_installed(shell_at: ShellAt) -> None:
    need("fish")
    assert shell_at.curlew.run("--install-completion", "fish").status == 0
    out = shell_at.run("fish", "--command", "complete -C 'curlew cla'")
    assert out.startswith("classify")


# Words that would be commands if a script evaluated them.


@pytest.mark.parametrize("word", HOSTILE)
def test_no_word_is_evaluated_by_bash(shell_at: ShellAt, word: str) -> None:
    need("bash")
    lines = [[word], ["classify", word], ["classify", word, "--fo"], ["classify", "--model", word], [word, "=", word]]
    for words in lines:
        bash_reply(shell_at, *words)
        assert not (shell_at.work / "pwned").exists()


@pytest.mark.parametrize("word", [w for w in HOSTILE if "\n" not in w])
def test_no_word_is_evaluated_by_zsh(shell_at: ShellAt, word: str) -> None:
    need("zsh")
    with start_zsh(shell_at) as terminal:
        for line in (f"curlew classify {word} --fo\t", f"curlew {word} --model {word} bi\t"):
            terminal.type(line)
            terminal.type("\x15print -r DO''NE\n")  # ^U takes the line away
            terminal.read_until("DONE")
    assert not (shell_at.work / "pwned").exists()


@pytest.mark.parametrize("word", HOSTILE)
def test_no_word_is_evaluated_by_fish(shell_at: ShellAt, word: str) -> None:
    need("fish")
    for line in (f"curlew classify {word}", f"curlew classify {word} --fo", f"curlew classify --model {word}"):
        shell_at.run(
            "fish", "--no-config", "--init-command", f"source '{shell_at.script('fish')}'",
            "--command", "complete -C $argv[1]; true", line,
        )  # fmt: skip
        assert not (shell_at.work / "pwned").exists()


# Which shell, and where its script goes.


def test_the_users_shell_is_found(curlew: Curlew) -> None:
    for shell in ("bash", "zsh", "fish"):
        run = curlew.run("--show-completion", env={"SHELL": f"/usr/bin/{shell}"})
        assert run.status == 0 and run.stdout == curlew.run("--show-completion", shell).stdout


def test_the_shell_that_calls_goes_before_that_of_the_environment(shell_at: ShellAt) -> None:
    need("bash")
    shell_at.env["SHELL"] = "/usr/bin/fish"
    out = shell_at.run("bash", "--norc", "-c", "curlew --show-completion; true")
    assert out == shell_at.script("bash").read_text()


@pytest.mark.parametrize("flag", ["--show-completion", "--install-completion"])
def test_a_shell_that_cannot_be_told_is_wrong_usage(curlew: Curlew, flag: str) -> None:
    run = curlew.run(flag, env={"SHELL": None})
    assert (run.status, run.stdout) == (2, "")
    assert "bash|zsh|fish|powershell|pwsh" in run.stderr
    run = curlew.run(flag, "tcsh")
    assert (run.status, run.stdout) == (2, "") and "tcsh" in run.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_installing_twice_changes_nothing(fresh_curlew: Curlew, shell: str) -> None:
    def files() -> dict[pathlib.Path, tuple[int, bytes]]:
        return {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in fresh_curlew.home.rglob("*") if p.is_file()}

    first = fresh_curlew.run("--install-completion", shell)
    assert (first.status, first.stderr) == (0, "")
    script = fresh_curlew.home / SCRIPTS[shell]
    assert str(script) in first.stdout
    assert script.read_text() == fresh_curlew.run("--show-completion", shell).stdout
    before = files()
    second = fresh_curlew.run("--install-completion", shell)
    assert second.status == 0 and "already" in second.stdout
    assert files() == before


@pytest.mark.parametrize("shell", SHELLS)
def test_a_place_that_cannot_be_written_ends_with_3(fresh_curlew: Curlew, shell: str) -> None:
    top = fresh_curlew.home / pathlib.Path(SCRIPTS[shell]).parts[0]
    top.write_text("a file where a folder is wanted")
    run = fresh_curlew.run("--install-completion", shell)
    assert (run.status, run.stdout) == (3, "")
    assert "cannot be written" in run.stderr and str(top) in run.stderr
