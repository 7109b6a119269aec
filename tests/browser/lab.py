"""A real JupyterLab on a free loopback port, and its notebooks in a browser."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium():
    """Return the path of the system's Chromium, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


def write_notebook(path, cells):
    """Write a notebook of the given code cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in cells]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel}  # without it, JupyterLab asks which to take
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)


@contextlib.contextmanager
def jupyterlab(folder, home, theme="JupyterLab Light"):
    """Serve `folder`; yield (url, token). Settings and logs are kept in `home`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    _write_settings(home / "settings", theme)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "IdentityProvider.token": token,
        "LabApp.expose_app_in_browser": True,
        "LabApp.news_url": "None",
    }
    command += [f"--{name}={value}" for name, value in options.items()]
    with open(home / "jupyterlab.log", "w") as log:
        server = subprocess.Popen(
            command, env=_environment(home), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/api?token={token}", server, home / "jupyterlab.log")
            yield url, token
        finally:
            server.terminate()
            server.wait(timeout=30)


def _environment(home):
    """The tests' own settings only; the project's folder is where imports begin."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "COURSE_PROFILE": "smoke",
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
    }


def _write_settings(folder, theme):
    settings = {
        "apputils-extension/themes": {"theme": theme},
        "apputils-extension/notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        },
        "notebook-extension/tracker": {"windowingMode": "none"},
    }
    for name, values in settings.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


def _wait_for(url, server, log, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


def open_notebook(page, url, token, name):
    """Open a notebook alone on the page and wait until its kernel answers."""
    page.goto(f"{url}/doc/tree/{name}?token={token}&reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    kernel = "jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"
    page.wait_for_function(
        f"() => window.jupyterapp?.shell.currentWidget?.context?.sessionContext"
        f"?.session?.kernel && {kernel}.status === 'idle'",
        timeout=60_000,
    )
    page.evaluate(f"() => {kernel}.info")  # else Run All may run the first cell only


def run_all(page, minutes=4):
    """Run all cells; wait until each has run, or one has failed, and all is idle."""
    page.evaluate('() => jupyterapp.commands.execute("notebook:run-all-cells")')
    page.wait_for_function(
        """() => {
            const {content, context} = jupyterapp.shell.currentWidget;
            if (context.sessionContext.session.kernel.status !== "idle") return false;
            const code = content.widgets.filter((cell) => cell.model.type === "code");
            const done = (cell) => cell.model.executionCount !== null
                || cell.model.sharedModel.getSource().trim() === "";
            const failed = (cell) => cell.model.outputs.toJSON()
                .some((output) => output.output_type === "error");
            return code.every(done) || code.some(failed);
        }""",
        timeout=minutes * 60_000,
    )


def errors_on(page):
    """Return the errors among the outputs of all cells, such as "ValueError: no".

    The cells are asked, not the page: there an error is any text of stderr.
    """
    return page.evaluate(
        """() => jupyterapp.shell.currentWidget.content.widgets
            .filter((cell) => cell.model.type === "code")
            .flatMap((cell) => cell.model.outputs.toJSON())
            .filter((output) => output.output_type === "error")
            .map((output) => `${output.ename}: ${output.evalue}`)"""
    )
