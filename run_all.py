#!/usr/bin/env python3
"""The door: finds or makes the environment that requirements.lock pins, and hands over to the engine inside it.
Usage: python3 run_all.py [COMMAND] [OPTIONS], python3 run_all.py --help
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
LOCK = os.path.join(ROOT, "requirements.lock")
INSTALLER_LOCK = os.path.join(ROOT, "installer.lock")
STAMP = os.path.join(VENV, "compendium-stamp.json")
PYTHON = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin", "python.exe" if os.name == "nt" else "python")
OLDEST, NEWEST = (3, 11), (3, 13)
PIP = ["-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--require-hashes", "-r"]


def stop(sentence, code=2):
    print("run_all.py: " + sentence, file=sys.stderr)
    sys.exit(code)


def stamp():
    try:
        with open(STAMP, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def write_stamp(content):
    with open(STAMP + ".part", "w", encoding="utf-8") as file:
        json.dump(content, file)
    os.replace(STAMP + ".part", STAMP)


def active_satisfies_lock():
    """An active virtual or conda environment in which every pinned version is installed is used as it is."""
    conda = os.environ.get("CONDA_PREFIX")
    active = sys.prefix != sys.base_prefix or (conda and os.path.realpath(conda) == os.path.realpath(sys.prefix))
    if not active or os.path.realpath(sys.prefix) == os.path.realpath(VENV) or not importlib.util.find_spec("packaging"):
        return False
    from importlib.metadata import PackageNotFoundError, version

    from packaging.markers import Marker

    with open(LOCK, encoding="utf-8") as file:
        for name, pin, marker in re.findall(r"^([\w.-]+)==([^\s;\\]+) *(?:; *([^\\\n]*?) *)?(?:\\|--hash|$)", file.read(), re.M):
            try:
                if (not marker or Marker(marker).evaluate()) and version(name) != pin:
                    return False
            except PackageNotFoundError:
                return False
    return True


def install(command):
    """Run an installer and return None, or the line of its errors that tells most."""
    # the system's certificates: a company's proxy is known there, and uv alone brings its own
    env = dict(os.environ, UV_SYSTEM_CERTS="1", UV_NATIVE_TLS="1")
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=env)
    if not done.returncode:
        return None
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()] or ["no message"]
    return ([line for line in lines if re.search("space left|Read-only|hash|No matching", line)] or lines)[-1][:300]


def make_environment(target):
    """Install the lock into .venv; a stamp written first marks it as ours, and the stamp is complete at the end."""
    import venv

    started = time.time()
    print("Making .venv from requirements.lock (once, about a minute) ...", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    os.makedirs(VENV)
    write_stamp({"state": "being made"})
    choice = os.environ.get("COMPENDIUM_INSTALLER", "uv")
    uv = shutil.which("uv") if choice == "uv" else None
    try:
        venv.EnvBuilder(with_pip=not uv, symlinks=os.name != "nt").create(VENV)
    except (subprocess.CalledProcessError, SystemExit):
        stop("this Python cannot make virtual environments with pip; install its venv package (Debian: python3-venv) or uv, then run again")
    if not uv and choice == "uv" and not install([PYTHON, *PIP, INSTALLER_LOCK]):
        uv = os.path.join(os.path.dirname(PYTHON), "uv")
    compiled = ["--compile-bytecode"] if sys.dont_write_bytecode else []  # else every start would compile them again
    wrong = install([uv, "pip", "install", "--quiet", "--python", PYTHON, *compiled, "--require-hashes", "-r", LOCK]) if uv else "no uv"
    if wrong and os.path.exists(os.path.join(os.path.dirname(PYTHON), "pip")):
        wrong = install([PYTHON, *PIP, LOCK])
    if wrong:
        stop("the packages of requirements.lock could not be installed (%s); check network and free space and run again: it starts anew" % wrong)
    write_stamp(target)
    print("Made .venv in %.0f s." % (time.time() - started), flush=True)


def locked():
    """Hold a lock on the checkout while the environment is made; a second run waits."""
    file = open(os.path.join(ROOT, ".venv-lock"), "w", encoding="utf-8")
    if os.name == "nt":
        __import__("msvcrt").locking(file.fileno(), 1, 1)
    else:
        __import__("fcntl").flock(file, 2)
    return file


def environment():
    """Return the Python to run in: this one, or that of .venv, which is made or made again where needed."""
    if active_satisfies_lock():
        return sys.executable
    with open(LOCK, "rb") as file:
        target = {"lock": hashlib.sha256(file.read()).hexdigest(), "python": "%d.%d" % sys.version_info[:2]}
    if stamp() != target or not os.path.exists(PYTHON):
        with locked():
            if stamp() != target or not os.path.exists(PYTHON):
                if os.path.exists(VENV) and not os.path.exists(STAMP):
                    stop(".venv is there and was not made by run_all.py; move or delete it, or activate an environment that satisfies requirements.lock")
                make_environment(target)
    return PYTHON


def main():
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        stop("needs Python 3.11 to 3.13, this is %d.%d; run it with another, for example python3.12 run_all.py" % sys.version_info[:2])
    try:
        python = environment()
    except KeyboardInterrupt:
        stop("interrupted while making .venv; the next run makes it anew", 130)
    except OSError as error:
        stop("%s: %s; free space or make the folder writable, then run again" % (error.filename or ".venv", error.strerror))
    source = os.path.join(ROOT, "src")
    others = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry and entry != source]
    os.environ["PYTHONPATH"] = os.pathsep.join([source] + others)
    command = [python, "-P", "-m", "compendium", ROOT] + sys.argv[1:]
    try:
        sys.exit(subprocess.call(command)) if os.name == "nt" else os.execv(python, command)
    except OSError as error:
        os.remove(python)
        stop("%s could not be started (%s); run again: .venv is made anew" % (os.path.relpath(python, ROOT), error.strerror))


if __name__ == "__main__":
    main()
