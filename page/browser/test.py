#!/usr/bin/env python3
"""The page in a real browser: `test.py PROGRAM [--radio] [FOLDER-OF-SCREENSHOTS]`.

Starts `PROGRAM loopback --loop --page --page-control`, opens the page in a headless chromium and checks what a person would:
no error and no request to elsewhere, a picture that appears and refines, the dial that repaints it, the report's figures, no
scrolling sideways from 390 to 1920 px, all of it by keyboard, a name for every control. With `--radio` also `receive` and
`transmit` over the virtual radio: gain, frequency, recording and pause. Needs: chromium, Python's
websocket-client.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from chromium import Browser  # noqa: E402
from reach import fits_and_is_reached  # noqa: E402

OF_PAGE = "(document.getElementById('image')?.dataset ?? {})"


def start(program, *arguments):
    """The program with a page, and where that is."""
    command = [program, *arguments, "--page=127.0.0.1:0", "--page-control"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if found := re.match(r"page: (http://\S+)", line):
            # What else is said must not fill the pipe.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return process, found[1]
    raise SystemExit(f"no page: {' '.join(command)}")


def state(url):
    with urllib.request.urlopen(url + "api/state", timeout=10) as answer:
        return json.load(answer)


def appears_and_refines(browser):
    """Every stage of one picture is shown, in order."""
    browser.wait(f"{OF_PAGE}.stage", "a picture appears")
    seen = []
    until = time.monotonic() + 120
    while time.monotonic() < until:
        picture, stage = browser.value(f"[{OF_PAGE}.picture, {OF_PAGE}.stage]")
        if (picture, stage) not in seen:
            seen.append((picture, stage))
        of_one = [s for p, s in seen if p == picture]
        # A slow machine may have the picture itself before the quick look at it.
        patience = time.monotonic() > until - 60
        if stage == "painted" and len(of_one) > (1 if patience else 2):
            order = ["linear", "fast", "painted"]
            assert of_one == sorted(of_one, key=order.index), of_one
            return of_one
        browser.listen(0.03)
    raise AssertionError(f"no picture refines: {seen}")


def figures_are_the_reports(browser, url):
    """What stands on the page against what can be downloaded."""
    shown = browser.wait("""(() => {
        const all = [...document.querySelectorAll('#figures dd')].map((d) => [d.dataset.name, d.dataset.value]);
        return all.some(([name]) => name === 'lpips_alex') ? [document.getElementById('image').dataset.picture, all] : null;
    })()""", "the report's figures", 120)
    picture, figures = shown
    with urllib.request.urlopen(f"{url}picture/{picture}/report.json", timeout=10) as answer:
        report = json.load(answer)
    compared = 0
    for name, value in figures:
        found = report["model"]["perception"] if name == "perception" else report[name]
        assert value == "null" and found is None or float(value) == found, f"{name}: page {value}, report {found}"
        compared += 1
    assert compared >= 10, figures
    return compared


def dial_repaints(browser, url):
    """By keyboard alone: the dial to its end, and the picture that is there is painted again."""
    browser.click("#pause")
    browser.wait("document.getElementById('pause').ariaPressed === 'true'", "it is paused")
    browser.wait("document.getElementById('run-words').textContent.includes('waiting')", "the picture under way is done", 120)
    browser.listen(3)
    picture, revision = browser.value(f"[{OF_PAGE}.picture, Number({OF_PAGE}.revision)]")
    browser.value("document.getElementById('perception').focus()")
    browser.key("End")
    browser.wait(f"{OF_PAGE}.stage === 'painted' && Number({OF_PAGE}.revision) > {revision}", "it is painted again", 90)
    assert browser.value(f"{OF_PAGE}.picture") == picture, "another picture"
    shown = browser.value("document.querySelector('#figures [data-name=perception]').dataset.value")
    assert float(shown) == 1.0, shown
    assert state(url)["controls"]["perception"]["value"] == 1.0
    browser.click("#pause")
    browser.wait("document.getElementById('pause').ariaPressed === 'false'", "it goes on")


def nothing_from_elsewhere(browser, own, refused=0):
    """No request but to these addresses; no error but so many orders that were to be refused."""
    asked = [e["params"]["request"]["url"] for e in browser.events if e["method"] == "Network.requestWillBeSent"]
    assert len(asked) > 10
    for address in asked:
        assert address.startswith((*own, "about:", "data:", "blob:")), address
    bad = [e for e in browser.events if e["method"] == "Runtime.exceptionThrown"
           or e["method"] == "Log.entryAdded" and e["params"]["entry"]["level"] == "error"
           or e["method"] == "Runtime.consoleAPICalled" and e["params"]["type"] in ("error", "warning", "assert")]
    orders = [e for e in bad if e["method"] == "Log.entryAdded" and e["params"]["entry"].get("url", "").endswith("/api/control")]
    assert len(orders) == len(bad) == refused, bad
    return len(asked)


def screenshots(browser, folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    browser.wait("document.querySelectorAll('#history img').length >= 4", "some history", 240)
    browser.wait("document.querySelector('#figures [data-name=lpips_alex]') !== null", "figures", 120)
    for name, width, height, scheme in (("1920-dark", 1920, 1080, "dark"), ("1920-light", 1920, 1080, "light"), ("390-dark", 390, 844, "dark")):
        browser.colours(scheme)
        browser.size(width, height, 1)
        browser.value("window.scrollTo(0, 0); document.activeElement.blur()")
        browser.listen(1.5)
        browser.shot(folder / f"page-{name}.jpg", whole=width > 600)


def answers(browser, words):
    """What the program said to the last order."""
    said = browser.wait("document.getElementById('answer').textContent", f"an answer with {words!r}")
    assert words in said, f"{said!r}, not {words!r}"
    browser.value("document.getElementById('answer').textContent = ''")


def gain_and_frequency_are_turned(browser, url):
    browser.type_over("#gain", "31.5")
    answers(browser, "done")
    assert state(url)["radio"]["gain_db"] == 31.5
    # By keyboard alone.
    browser.key("ArrowUp")
    browser.key("Tab")
    answers(browser, "done")
    assert state(url)["radio"]["gain_db"] == 32
    browser.type_over("#gain", "1000")
    answers(browser, "1000")
    assert state(url)["radio"]["gain_db"] == 32
    browser.type_over("#frequency", "434")
    answers(browser, "done")
    assert state(url)["radio"]["frequency_hz"] == 434e6
    browser.type_over("#frequency", "433")
    answers(browser, "done")


def records(browser, url):
    """On with the keyboard, off with the mouse, and the file can be had."""
    browser.value("document.getElementById('record').focus()")
    browser.key(" ")
    answers(browser, "done")
    browser.wait("document.getElementById('recording-words').textContent.includes('goes on')", "it records")
    browser.listen(1)
    browser.click("#record")
    answers(browser, "done")
    links = browser.wait("""(() => {
        const all = [...document.querySelectorAll('#recording-files a')].map((a) => a.getAttribute('href'));
        return all.length === 2 ? all : null;
    })()""", "the files of the recording")
    data = next(link for link in links if link.endswith("data"))
    with urllib.request.urlopen(url + data.lstrip("/"), timeout=30) as answer:
        count = len(answer.read()) // 8
    assert count == state(url)["recording"]["samples"] > 0
    return count


def pauses(browser, url):
    """Nothing arrives while it is paused, and something when it goes on."""
    newest = lambda: max((p["id"] for p in state(url)["pictures"]), default=0)  # noqa: E731
    browser.click("#pause")
    answers(browser, "done")
    browser.listen(3)
    before = newest()
    browser.listen(4)
    assert newest() == before, "a picture came while it was paused"
    browser.click("#pause")
    answers(browser, "done")
    until = time.monotonic() + 60
    while newest() == before:
        assert time.monotonic() < until, "no picture came afterwards"
        browser.listen(0.5)


def sends_and_pauses(browser, url):
    """A transmitter: nothing of a painter, its gain, and a pause that holds."""
    sent = lambda: state(url)["sent"]["pictures"]  # noqa: E731
    assert browser.value("document.getElementById('perception').offsetParent === null"), "a transmitter paints nothing"
    browser.type_over("#gain", "12")
    answers(browser, "done")
    assert state(url)["radio"]["gain_db"] == 12
    browser.click("#pause")
    answers(browser, "done")
    # The picture on the air.
    browser.listen(1)
    before = sent()
    # Set while it rests.
    browser.type_over("#gain", "13")
    answers(browser, "done")
    assert state(url)["radio"]["gain_db"] == 13
    browser.listen(3)
    assert sent() == before, "it sent while it was paused"
    browser.click("#pause")
    answers(browser, "done")
    until = time.monotonic() + 60
    while sent() < before + 2:
        assert time.monotonic() < until, "it sends no more"
        browser.listen(0.5)


def over_the_virtual_radio(program, folder):
    """A receiver and a transmitter with a page each."""
    radio = ["--radio", f"driver=heliograph,ether=page-{os.getpid()}", "--frequency", "433M", "--gain-db", "20"]
    running, browser = [], None
    try:
        receiver, url = start(program, "receive", *radio, "--out", folder)
        running.append(receiver)
        transmitter, own = start(program, "transmit", *radio, "--rounds", "0", "--pause", "1", "--codec", "softcast")
        running.append(transmitter)
        browser = Browser()
        browser.size(1440, 900)
        browser.open(url)
        browser.wait(f"{OF_PAGE}.stage", "a picture appears", 120)
        gain_and_frequency_are_turned(browser, url)
        print("gain and frequency are turned")
        print("samples recorded:", records(browser, url))
        pauses(browser, url)
        print("it pauses and goes on")
        fits_and_is_reached(browser)
        browser.open(own)
        browser.wait("Boolean(document.getElementById('pause')?.offsetParent)", "the transmitter's controls")
        sends_and_pauses(browser, own)
        print("a transmitter is turned and paused")
        fits_and_is_reached(browser)
        print("requests, all to the programs, no error:", nothing_from_elsewhere(browser, (url, own), refused=1))
    finally:
        if browser:
            browser.close()
        for process in running:
            process.kill()


def main():
    program, *more = sys.argv[1:]
    folders = [name for name in more if name != "--radio"]
    out = tempfile.mkdtemp(prefix="heliograph-page-")
    process, url = start(program, "loopback", "--loop", "--pause", "3", "--snr-db", "10", "--out", out)
    browser = Browser()
    try:
        browser.colours("dark")
        browser.size(1920, 1080)
        browser.open(url)
        print("stages:", ", ".join(appears_and_refines(browser)))
        print("figures as in the report:", figures_are_the_reports(browser, url))
        dial_repaints(browser, url)
        print("the dial repaints")
        fits_and_is_reached(browser)
        if folders:
            screenshots(browser, folders[0])
        print("requests, all to the program, no error:", nothing_from_elsewhere(browser, (url,)))
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        assert code == 130, f"exit code {code}"
    finally:
        browser.close()
        process.kill()
    if "--radio" in more:
        over_the_virtual_radio(program, f"{out}/received")
    print("the page passes")


if __name__ == "__main__":
    main()
