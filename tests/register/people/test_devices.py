"""What somebody signs in with, in words: the browsers that people here use, and whatever else may be sent."""

import pytest

from core.register.people.devices import device

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


# ruff: disable[E501]
@pytest.mark.parametrize(
    ("user_agent", "words", "why"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/142.0.0.0 Safari/537.36", "Chrome, Windows", "the usual one"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge, Windows", "also says Chrome and Safari"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} coc_coc_browser/140.0 Chrome/140.0 Safari/537.36", "Cốc Cốc, Windows", "the browser of Vietnam"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox, Linux", "Firefox"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "Safari, macOS", "a Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iPhone", "also says Mac OS X"),
        (f"Mozilla/5.0 (Linux; Android 14; SM-A155F) {WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36", "Samsung Internet, Android", "also says Linux and Chrome"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/141.0 Mobile/15E148 Safari/604.1", "Chrome, iPad", "Chrome on Apple's engine"),
        ("curl/8.5.0", "", "a program"),
        ("Firefox/1", "Firefox", "one half only"),
        (None, "", "nothing sent"),
        ("x" * 5_000 + "Windows", "", "only the beginning is read"),
        ("<script>Windows</script>", "Windows", "nothing of what is sent is stored"),
    ],
)  # fmt: skip
# ruff: enable[E501]
def test_a_device_in_words(user_agent: str | None, words: str, why: str) -> None:
    assert device(user_agent) == words, why
