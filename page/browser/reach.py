"""Whether everything on the page is reached: at any width, by keyboard, by a screen reader."""

import json

ROLES = {"button", "link", "slider", "textbox", "spinbutton", "combobox", "checkbox", "switch", "img", "image", "meter"}


def controls(browser):
    """The controls that are there and enabled, each by a mark that it keeps."""
    return set(browser.value("""[...document.querySelectorAll('a[href], button, input, select')]
        .filter((e) => !e.disabled && e.offsetParent !== null && !e.classList.contains('skip'))
        .map((e) => e.dataset.mark ??= `${window.marks = (window.marks ?? 0) + 1}`)"""))


def tabbed_through(browser, limit):
    """The marks of what Tab visits in one round, each of which shows that it has the focus."""
    browser.value("document.activeElement.blur(); window.scrollTo(0, 0)")
    visited = set()
    for _ in range(limit):
        browser.key("Tab")
        place, ring = browser.value("""(() => {
            const e = document.activeElement;
            if (e === document.body) return ['', true];
            e.dataset.mark ??= `${window.marks = (window.marks ?? 0) + 1}`;
            return [e.dataset.mark, getComputedStyle(e).outlineStyle !== 'none'];
        })()""")
        if place == "":
            continue
        assert ring, f"no ring around {place}"
        if place in visited:
            break
        visited.add(place)
    return visited


def keyboard_reaches_all(browser):
    """Tab visits every control that is there and enabled before and after it went round."""
    visited = set()
    # Pictures come meanwhile: they take away buttons of stages and links of the last one, and bring them back.
    for _ in range(10):
        before = controls(browser)
        assert len(before) >= 4, before
        visited |= tabbed_through(browser, len(before) + 20)
        missed = before & controls(browser) - visited
        if not missed:
            return len(visited)
    names = browser.value(f"""{json.dumps(sorted(missed))}
        .map((mark) => document.querySelector(`[data-mark="${{mark}}"]`)?.outerHTML)""")
    raise AssertionError(f"Tab does not visit {names}")


def everything_has_a_name(browser):
    count = 0
    for node in browser.accessible():
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role not in ROLES:
            continue
        name = node.get("name", {}).get("value", "").strip()
        assert name, f"a {role} without a name: {node}"
        count += 1
    assert count >= 12, count
    return count


def no_scrolling_sideways(browser):
    for width in (390, 768, 1024, 1440, 1920):
        browser.size(width, 900)
        browser.listen(0.4)
        wide = browser.value("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} px at {width}"


def fits_and_is_reached(browser):
    no_scrolling_sideways(browser)
    print("no scrolling sideways from 390 to 1920 px")
    print("names for a screen reader:", everything_has_a_name(browser))
    print("controls by Tab alone:", keyboard_reaches_all(browser))
