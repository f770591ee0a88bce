"""A headless chromium over its DevTools protocol: just what the page's test needs."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--mute-audio", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
         "--remote-allow-origins=*", "--disable-features=Translate,OptimizationHints,MediaRouter")


class Browser:
    """One browser with one page in it."""

    def __init__(self):
        program = next((found for name in NAMES if (found := shutil.which(name))), None)
        if not program:
            raise SystemExit(f"no browser: install one of {', '.join(NAMES)}")
        self.folder = tempfile.mkdtemp(prefix="heliograph-chromium-")
        self.process = subprocess.Popen([program, *FLAGS, f"--user-data-dir={self.folder}", "about:blank"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.number = 0
        self.events = []
        port = self._port()
        pages = self._json(port, "/json")
        page = next(p for p in pages if p["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=30, suppress_origin=True)
        for domain in ("Page", "Runtime", "Network", "Log", "Accessibility", "DOM"):
            self.call(f"{domain}.enable")

    def _port(self):
        path = Path(self.folder) / "DevToolsActivePort"
        for _ in range(300):
            if path.exists() and (text := path.read_text().split()):
                return int(text[0])
            time.sleep(0.1)
        raise SystemExit("the browser does not start")

    @staticmethod
    def _json(port, path):
        import urllib.request
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return json.load(answer)

    def call(self, method, **parameters):
        """Calls, and keeps the events that come meanwhile."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self._keep(message)

    def _keep(self, message):
        # States come many times a second: only what a test asks about is kept.
        if message.get("method") not in ("Network.dataReceived", "Network.eventSourceMessageReceived"):
            self.events.append(message)

    def listen(self, seconds):
        """Takes events for a while."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                self._keep(json.loads(self.socket.recv()))
            except websocket.WebSocketTimeoutException:
                break
        self.socket.settimeout(30)

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait(f"location.href.startsWith({json.dumps(url)}) && document.readyState === 'complete'", f"{url} is open")

    def size(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=width < 600)

    def colours(self, scheme):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def value(self, script):
        """What a script gives, as JSON could."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def wait(self, script, what, seconds=60):
        """Waits until a script gives something true, and gives it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := self.value(script):
                return found
            self.listen(0.1)
        raise AssertionError(f"not within {seconds} s: {what}")

    def click(self, selector):
        """Clicks in the middle of an element, where a person would; again where the page moved under the hand."""
        for _ in range(10):
            x, y = self.value(f"""(() => {{
                const e = document.querySelector('{selector}');
                e.scrollIntoView({{ block: 'center' }});
                const box = e.getBoundingClientRect();
                const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                const hit = document.elementFromPoint(x, y);
                if (hit !== e && !e.contains(hit)) throw new Error(`${{hit?.outerHTML}} lies over it`);
                window.clicked = false;
                e.addEventListener('click', () => {{ window.clicked = true; }}, {{ once: true }});
                return [x, y];
            }})()""")
            for kind in ("mousePressed", "mouseReleased"):
                self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
            if self.value("window.clicked"):
                return
        raise AssertionError(f"no click reaches {selector}")

    def type_over(self, selector, text):
        """Replaces what stands in a field, and confirms it."""
        self.click(selector)
        self.value(f"document.querySelector('{selector}').select()")
        self.call("Input.insertText", text=text)
        self.key("Enter")

    def key(self, name, code=None, text=None):
        """Presses a key."""
        codes = {"Tab": 9, "Enter": 13, "ArrowRight": 39, "ArrowLeft": 37, "Home": 36, "End": 35, "ArrowUp": 38, " ": 32}
        parameters = {"key": name, "code": code or name, "windowsVirtualKeyCode": codes.get(name, 0)}
        text = {"Enter": "\r", " ": " "}.get(name, text)
        down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        self.call("Input.dispatchKeyEvent", **down, **parameters)
        self.call("Input.dispatchKeyEvent", type="keyUp", **parameters)

    def shot(self, path, whole=True):
        """A picture of the page."""
        clip = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}, "captureBeyondViewport": True}
        kind = {"format": "png"} if str(path).endswith(".png") else {"format": "jpeg", "quality": 85}
        data = self.call("Page.captureScreenshot", **kind, **clip)["data"]
        Path(path).write_bytes(base64.b64decode(data))

    def accessible(self):
        """What a screen reader finds: nodes with role, name and properties."""
        return self.call("Accessibility.getFullAXTree")["nodes"]

    def close(self):
        self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
