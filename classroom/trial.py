"""Six learners at once on a hub started here: python -m classroom.trial [LEARNERS]

Starts the hub with classroom/jupyterhub_config.py on a free loopback port. Each
learner, in a browser of their own, signs up, logs in, opens a lesson, runs it in the
profile `smoke` and drags its explorer; half of them lesson 1, half lesson 4. Prints
seconds and memory, and fails if one of them met an error. Needs Chromium; as root it
opens accounts for the learners, which it removes again.
"""

import json
import multiprocessing
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import psutil

from classroom import learners

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ("01_autoencoder", "04_cvae")
CONFIG = """
load_subconfig({config!r})
from pathlib import Path
HOMES = Path({homes!r})
from classroom import learners
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.NativeAuthenticator.open_signup = True  # no teacher is there to let them in
c.Spawner.pre_spawn_hook = lambda one: learners.open_account(one.user.name, HOMES)
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.Spawner.args += ["--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"]
c.Spawner.environment |= {{
    "COURSE_PROFILE": "smoke",
    "JUPYTERLAB_SETTINGS_DIR": {settings!r},
}}
if c.JupyterHub.spawner_class == "simple":
    c.Spawner.pre_spawn_hook = None
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def open_to_all(path):
    """Return whether every account may read `path` and its folders."""
    places = [Path(path).resolve(), *Path(path).resolve().parents]
    return all(place.stat().st_mode & 0o005 == 0o005 for place in places)


def start_hub(folder):
    """Start the hub in `folder`; return its process and its address."""
    from tests.browser import lab

    port = free_port()
    settings, homes = folder / "settings", folder / "homes"
    lab._write_settings(settings, "JupyterLab Light")
    homes.mkdir()
    folder.chmod(0o755)
    config = folder / "jupyterhub_config.py"
    config.write_text(
        CONFIG.format(
            config=str(ROOT / "classroom/jupyterhub_config.py"),
            homes=str(homes),
            settings=str(settings),
            port=port,
            hub_port=free_port(),
            api_port=free_port(),
        )
    )
    here = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{here}:{os.environ['PATH']}"}
    environment["PYTHONPATH"] = str(ROOT)
    with open(folder / "hub.log", "w") as log:
        hub = subprocess.Popen(
            [here / "jupyterhub", "-f", config],
            cwd=folder, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/hub/health", timeout=5)
            return hub, address
        except OSError:
            time.sleep(0.5)
    raise RuntimeError((folder / "hub.log").read_text()[-3000:])


def learn(name, lesson, address, report):
    """One learner's hour: from signing up to dragging the explorer."""
    from playwright.sync_api import sync_playwright

    from tests.browser import hands, lab

    seconds, start = {}, time.monotonic()
    password = secrets.token_hex(8)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=lab.find_chromium(), args=lab.CHROMIUM_FLAGS
        )
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.set_default_timeout(120_000)
        try:
            page.goto(f"{address}/hub/signup")
            page.fill("input[name=username]", name)
            page.fill("input[name=signup_password]", password)
            page.fill("input[name=signup_password_confirmation]", password)
            page.click("#signup_submit")
            page.goto(f"{address}/hub/login")
            page.fill("input[name=username]", name)
            page.fill("input[name=password]", password)
            page.click("input[type=submit], button[type=submit]")
            page.wait_for_url("**/lab/**", timeout=240_000)
            seconds["server"] = time.monotonic() - start
            where = f"{address}/user/{name}"
            lab.open_notebook(page, where, "", f"notebooks/{lesson}.ipynb")
            seconds["open"] = time.monotonic() - start
            lab.run_all(page, minutes=15)
            seconds["run"] = time.monotonic() - start
            errors = lab.errors_on(page)
            explorer = page.locator(".gx-latent").first
            plane = explorer.locator(".gx-plane")
            hands.wait_until_exact(explorer)
            hands.click(page, plane, 0.3, 0.3)
            before = hands.point(explorer)
            hands.drag(page, plane, (0.3, 0.3), (0.75, 0.6))
            hands.wait_until_exact(explorer)
            moved = bool((hands.point(explorer) > before).all())
            seconds["drag"] = time.monotonic() - start
            report.put((name, lesson, seconds, errors, moved))
        except Exception as error:
            page.screenshot(path=f"/tmp/classroom-{name}.png")
            report.put((name, lesson, seconds, [str(error)], False))
        browser.close()


def watch(hub, stop, peak):
    """Keep the largest sums of memory: hub and proxy, and each account's servers."""
    process = psutil.Process(hub.pid)
    while not stop.wait(1):
        sums = {"hub": process.memory_info().rss}
        for one in process.children(recursive=True):
            try:
                if "multiprocessing" in one.name():
                    continue
                line = " ".join(one.cmdline())
                user = "hub"
                if "singleuser" in line or "ipykernel" in line:
                    user = one.environ().get("JUPYTERHUB_USER", "hub")
                sums[user] = sums.get(user, 0) + one.memory_info().rss
            except psutil.Error:
                continue
        sums["all"] = sum(sums.values())
        for name, size in sums.items():
            peak[name] = max(peak.get(name, 0), size)


def main(count=6):
    names = [f"trial{number}" for number in range(1, count + 1)]
    if os.geteuid() == 0 and not open_to_all(sys.executable):
        sys.exit(f"Learners may not read {Path(sys.executable).resolve()}.")
    folder = Path(tempfile.mkdtemp(prefix="class-"))
    hub, address = start_hub(folder)
    stop, peak = threading.Event(), {}
    threading.Thread(target=watch, args=(hub, stop, peak), daemon=True).start()
    context = multiprocessing.get_context("spawn")
    report = context.Queue()
    crowd = [
        context.Process(target=learn, args=(n, LESSONS[i % 2], address, report))
        for i, n in enumerate(names)
    ]
    try:
        for one in crowd:
            one.start()
        found = [report.get(timeout=900) for _ in crowd]
    finally:
        stop.set()
        hub.terminate()
        hub.wait(60)
        if os.geteuid() == 0:
            for name in names:
                subprocess.run(
                    ["userdel", "-r", learners.account(name)], capture_output=True
                )
    well = True
    for name, lesson, seconds, errors, moved in sorted(found):
        times = ", ".join(f"{what} {value:.0f} s" for what, value in seconds.items())
        print(f"{name} {lesson}: {times}; memory {peak.get(name, 0) / 2**30:.2f} GB")
        well = well and moved and not errors
        print("\n".join(errors) or "  no error, the explorer follows")
    print(json.dumps({name: round(size / 2**30, 2) for name, size in peak.items()}))
    if well:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"The hub's log is {folder / 'hub.log'}")
    sys.exit(not well)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
