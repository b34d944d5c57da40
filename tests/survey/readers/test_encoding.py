import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.problems import InputError
from survey.readers import encoding as module
from survey.readers.encoding import decode

TEXT = "company;note\nMüller & Söhne;Größe geprüft\nÅse;naïve\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (TEXT.encode(), "utf-8"),
        (b"plain", "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-32"), "utf-32"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "latin-1"),
        ("“quoted”; €5".encode("cp1252"), "cp1252"),
    ],
)
def test_the_bytes_say_the_encoding(content: bytes, name: str) -> None:
    text, encoding, decision = decode(content, "a.csv")
    assert encoding == name
    assert text.decode() in (TEXT, "plain", "“quoted”; €5")
    assert decision


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@pytest.mark.parametrize("name", ["utf-8", "utf-16", "utf-32", "utf-16-be"])
def test_a_stated_encoding_is_taken(name: str, text: str) -> None:
    assert decode(text.encode(name), "a.csv", name).text.decode() == text.removeprefix("\ufeff")


def test_blocks_do_not_cut_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "ä€😀" * 50
    for size in (1, 2, 3, 5, 7):
        monkeypatch.setattr(module, "_BLOCK", size)
        assert decode(text.encode(), "a.csv").encoding == "utf-8"


def test_damaged_utf_8_is_refused_and_not_taken_for_another() -> None:
    content = TEXT.encode().replace("ï".encode(), b"\xef")
    with pytest.raises(InputError, match=r"row 3: is UTF-8 but for byte 0xEF: it is cut off or damaged"):
        decode(content, "a.csv")


def test_utf_8_cut_within_a_letter_is_refused() -> None:
    with pytest.raises(InputError, match="row 3: is UTF-8 but for byte 0xC3"):
        decode(TEXT.encode()[: TEXT.encode().rindex("ï".encode()) + 1], "a.csv")


@pytest.mark.parametrize("name", ["", "utf8000", "base64", "idna", "unicode_escape", "undefined"])
def test_an_encoding_that_is_none_is_refused(name: str) -> None:
    if name == "unicode_escape":
        assert decode(b"a\\n", "a.csv", name).text == b"a\n"
        return
    with pytest.raises(InputError):
        decode(b"a..b;" + b"\xff", "a.csv", name)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89P\r\n\x1a\n" + b"\x00\xdc\x00\xdd\x01\x00\x02\x00" * 9,
        bytes(range(1, 256)),
    ],
    ids=["a picture", "noise"],
)
def test_what_is_no_text_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(InputError, match=r"a\.csv: is not a text file"):
        decode(data, "a.csv")


def test_an_alphabet_of_two_bytes_is_text() -> None:
    text = "компания;ответ\nООО 1;4\n" * 9
    assert decode(text.encode("utf-16-le"), "a.csv").text.decode() == text
