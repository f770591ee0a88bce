#!/usr/bin/env python3
"""The report of an evaluation in a real browser: `report.py FOLDER [SCREENSHOTS]`.

Opens FOLDER/report.html from disk and checks what a reader would: no error, nothing from elsewhere, every picture and plot loads,
no scrolling sideways and letters of a readable size from 390 to 1920 px. Needs: chromium, Python's websocket-client.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from chromium import Browser  # noqa: E402

LEAST_LETTERS_PX = 12
LEAST_PICTURE_PX = 60


def everything_loads(browser, folder):
    asked = [e["params"]["request"]["url"] for e in browser.events if e["method"] == "Network.requestWillBeSent"]
    for address in asked:
        assert address.startswith((folder.as_uri(), "about:", "data:")), address
    bad = [e for e in browser.events if e["method"] in ("Runtime.exceptionThrown", "Network.loadingFailed")
           or e["method"] == "Log.entryAdded" and e["params"]["entry"]["level"] == "error"]
    assert not bad, bad
    pictures = browser.value("[...document.images].map((i) => [i.getAttribute('src'), i.complete ? i.naturalWidth : 0, i.alt])")
    assert pictures, "no pictures"
    for source, width, words in pictures:
        assert width > 0, f"{source} does not load"
        assert words, f"{source} has no words beside it"
    return len(pictures)


def fits(browser, width):
    browser.size(width, 900)
    browser.listen(0.5)
    wide = browser.value("document.documentElement.scrollWidth")
    assert wide <= width, f"{wide} px at {width}"
    least = browser.value("""Math.min(...[...document.querySelectorAll('body *')]
        .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length)
        .map((e) => parseFloat(getComputedStyle(e).fontSize)))""")
    assert least >= LEAST_LETTERS_PX, f"letters of {least} px at {width}"
    narrow = browser.value("Math.min(...[...document.images].map((i) => i.getBoundingClientRect().width))")
    assert narrow >= LEAST_PICTURE_PX, f"a picture of {narrow} px at {width}"


def main():
    folder = Path(sys.argv[1]).resolve()
    browser = Browser()
    try:
        browser.size(1920, 1080)
        browser.open((folder / "report.html").as_uri())
        # Pictures further down load when they come near.
        browser.value("document.querySelectorAll('img[loading=lazy]').forEach((i) => { i.loading = 'eager'; })")
        browser.wait("[...document.images].every((i) => i.complete)", "pictures have loaded")
        print("pictures:", everything_loads(browser, folder))
        for width in (390, 768, 1920):
            fits(browser, width)
            if len(sys.argv) > 2:
                Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
                browser.shot(Path(sys.argv[2]) / f"report-{width}.jpg")
        print("fits 390 to 1920 px; the report passes")
    finally:
        browser.close()


if __name__ == "__main__":
    main()
