"""Mails as people and programs send them: who wrote, what is new, in whatever charset and with whatever beneath it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.register.mail.reading import LONGEST, Author, Mail, decoded, new_of_html, new_text, read

SAID = "Mình đã nạp 200 Stars mà chưa thấy.\n\nMong kiểm tra giúp."


def mail(
    text: str = SAID,
    *,
    headers: Mapping[str, str] = MappingProxyType({}),
    html: str = "",
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = "Nguyễn Thị Ánh <anh.nguyen@example.com>", "cskh@pops.example"
    made["Subject"], made["Message-ID"] = "Nạp Stars chưa nhận được", "<m1@example.com>"
    made["Date"] = "Mon, 16 Nov 2026 09:00:00 +0700"
    for name, value in headers.items():
        del made[name]
        made[name] = value
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    for name, content in files.items():
        made.add_attachment(content, maintype="image", subtype="png", filename=name)
    return made


def test_a_plain_mail() -> None:
    found = read(mail(files={"ảnh": b"png"}).as_bytes())
    assert (found.name, found.address, found.subject) == (
        "Nguyễn Thị Ánh",
        "anh.nguyen@example.com",
        "Nạp Stars chưa nhận được",
    )
    assert found.sent_at == datetime(2026, 11, 16, 2, tzinfo=UTC)
    assert (found.text, found.author, found.message_id) == (SAID, Author.PERSON, "<m1@example.com>")
    assert [(one.name, one.media_type, one.content) for one in found.attachments] == [("ảnh", "image/png", b"png")]


def raw(charset: str, body: bytes, *more: bytes) -> bytes:
    head = [b"From: an@example.com", b"Content-Type: text/plain; charset=" + charset.encode(), *more]
    return b"\r\n".join([*head, b"", body])


# ruff: disable[E501]  # a row of a table stays one line
@pytest.mark.parametrize(
    ("charset", "body", "why"),
    [
        ("windows-1258", "Mình nạp tiền".encode(), "declared otherwise than it is"),
        ("windows-1258", "Mi\u0300nh na\u0323p tiê\u0300n".encode("cp1258"), "tones as signs of their own"),
        ("iso-8859-1", "Mình nạp tiền".encode(), "UTF-8 that a robot calls Latin-1"),
        ("us-ascii", "Mình nạp tiền".encode(), "UTF-8 that is called ASCII"),
        ("utf-8", "Mi\u0300nh na\u0323p tie\u0302\u0300n".encode(), "composed by macOS (NFD)"),
        ("unknown-8bit", "Mình nạp tiền".encode(), "a charset that nobody knows"),
        ("base64", "Mình nạp tiền".encode(), "no charset at all"),
        ("'utf-8'", "Mình nạp tiền".encode(), "in quotation marks"),
        ("utf-16", "Mình nạp tiền".encode("utf-16"), "two bytes a letter"),
    ],
)
def test_a_text_in_whatever_charset(charset: str, body: bytes, why: str) -> None:
    encoded = base64.encodebytes(body)
    assert read(raw(charset, encoded, b"Content-Transfer-Encoding: base64")).text == "Mình nạp tiền", why


@pytest.mark.parametrize(
    ("charset", "text"), [("iso-2022-jp", "ポイントが届きません"), ("iso-2022-kr", "안녕하세요"), ("gb18030", "你好")]
)
def test_a_text_of_another_script(charset: str, text: str) -> None:
    body = base64.encodebytes(text.encode(charset))
    assert read(raw(charset, body, b"Content-Transfer-Encoding: base64")).text == text


@pytest.mark.parametrize(
    ("value", "wanted", "why"),
    [
        (b"=?utf-8?B?TuG6oXA=?= Stars", "Nạp Stars", "an encoded word and a plain one"),
        (b"=?utf-8?Q?N=E1=BA=A1p?=\r\n =?utf-8?Q?_ti=E1=BB=81n?=", "Nạp tiền", "folded between two encoded words"),
        ("Nạp tiền".encode(), "Nạp tiền", "raw UTF-8, which no rule allows and many send"),
        (b"=?x-nobody?B?TuG6oXA=?=", "Nạp", "a charset that nobody knows"),
        (b"=?utf-8?B?%%%?=", "=?utf-8?B?%%%?=", "no base64: as it stands"),
        (b"a\r\n\tb", "a b", "folded"),
    ],
)
def test_a_subject(value: bytes, wanted: str, why: str) -> None:
    assert read(b"From: an@example.com\r\nSubject: " + value + b"\r\n\r\nx").subject == wanted, why


@pytest.mark.parametrize(
    ("text", "wanted", "why"),
    [
        (SAID, SAID, "nothing but what is new"),
        (f"{SAID}\n\nVào Th 2, 16 thg 11, 2026 vào lúc 09:00 CSKH <a@b.vn>\nđã viết:\n\n> Chào anh\n> Mời gửi ảnh", SAID,
         "Gmail in Vietnamese, its line broken"),
        (f"{SAID}\n\nOn Mon, Nov 16, 2026 at 9:00 AM CSKH <a@b.vn> wrote:\n> Chào anh", SAID, "Gmail in English"),
        (f"{SAID}\n\nOn Nov 16, 2026, at 9:00, CSKH <a@b.vn> wrote:\n\nChào anh", SAID, "not quoted with >"),
        (f"{SAID}\n\nTừ: CSKH <a@b.vn>\nĐã gửi: Thứ Hai, 16/11/2026\nTới: an@example.com\nChủ đề: Hỏi\n\nChào", SAID,
         "Outlook in Vietnamese"),
        (f"{SAID}\n\n________________________________\nFrom: CSKH\nSent: Monday\nTo: an\nSubject: x\n\nChào", SAID,
         "Outlook in English"),
        (f"{SAID}\n\n-----Original Message-----\nChào", SAID, "an old program"),
        (f"{SAID}\n\nĐã gửi từ iPhone của tôi", SAID, "the line of a phone"),
        (f"{SAID}\n\nTải Outlook cho iOS<https://aka.ms/o0ukef>", SAID, "the line of Outlook on a phone, with its address"),
        (f"{SAID}\nGet Outlook for Android<https://aka.ms/AAb9ysg>", SAID, "the same in English"),
        (f"{SAID}\n-- \nAnh\n0912 345 678", SAID, "a signature by RFC 3676"),
        (f"{SAID}\n> Chào anh\n> Mời gửi ảnh\n", SAID, "quoted with no line before"),
        ("On Mon, Nov 16, 2026 CSKH wrote:\n> Tên?\nÁnh\n> Mã?\nFT1",
         "On Mon, Nov 16, 2026 CSKH wrote:\n> Tên?\nÁnh\n> Mã?\nFT1", "answers between the lines stay with them"),
        ("> Chào anh", "> Chào anh", "nothing but a quotation is given whole"),
        ("Xem giúp\n\n---------- Forwarded message ---------\nFrom: Ngân hàng\nDate: 16/11\nSubject: x\n\nĐã trừ tiền",
         "Xem giúp\n\n---------- Forwarded message ---------\nFrom: Ngân hàng\nDate: 16/11\nSubject: x\n\nĐã trừ tiền",
         "what is forwarded is what they want to say"),
        ("Từ: hôm qua đến nay không vào được", "Từ: hôm qua đến nay không vào được", "a sentence that begins like a header"),
        ("Vào hôm qua tôi đã viết: không ai trả lời\nNay viết lại", "Vào hôm qua tôi đã viết: không ai trả lời\nNay viết lại",
         "a sentence that reads like the line of a quotation goes on"),
    ],
)  # fmt: skip
def test_what_is_new_in_a_text(text: str, wanted: str, why: str) -> None:
    assert new_text(text) == wanted, why
    assert new_text(text.replace("\n", "\r\n")) == wanted, f"{why}, with the line ends of mails"


@pytest.mark.parametrize(
    ("html", "wanted", "why"),
    [
        ("<p>Chào</p><p>Nạp <b>200</b> Stars<br>chưa thấy</p>", "Chào\n\nNạp 200 Stars\nchưa thấy", "paragraphs"),
        ("<div>Mới</div><div class='gmail_quote'>Vào … đã viết:<blockquote>Cũ</blockquote></div>", "Mới", "Gmail"),
        ("<p>Mới</p><blockquote type='cite'>Cũ</blockquote>", "Mới", "Apple Mail, Thunderbird"),
        ("<p>Mới</p><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'>From: x</div><p>Cũ</p>", "Mới", "Outlook"),
        ("<style>p{color:red}</style><script>alert(1)</script><p>Mới</p><!-- Cũ -->", "Mới", "what is no text"),
        ("<div class='gmail_quote'>Chỉ có trích dẫn</div>", "Chỉ có trích dẫn", "nothing but a quotation"),
        (
            "<div class='gmail_quote'>Forwarded message<br>Đã trừ tiền</div>",
            "Forwarded message\nĐã trừ tiền",
            "forwarded",
        ),
        ("", "", "empty"),
        ("<", "<", "hardly HTML"),
    ],
)
def test_what_is_new_in_html(html: str, wanted: str, why: str) -> None:
    assert new_of_html(html) == wanted, why


# ruff: enable[E501]


def test_the_plain_text_counts_where_there_are_both() -> None:
    assert read(mail("Chữ", html="<p>HTML</p>").as_bytes()).text == "Chữ"
    assert read(mail(" ", html="<p>HTML</p>").as_bytes()).text == "HTML", "an empty one does not"


@pytest.mark.parametrize(
    ("headers", "wanted", "why"),
    [
        ({}, Author.PERSON, "a person"),
        ({"Auto-Submitted": "no"}, Author.PERSON, "says that it is none"),
        ({"Auto-Submitted": "auto-replied"}, Author.AUTOMATIC, "out of office (RFC 3834)"),
        ({"Auto-Submitted": "auto-generated; owner-email=a@b.vn"}, Author.AUTOMATIC, "with a parameter"),
        ({"X-Autoreply": "yes"}, Author.AUTOMATIC, "an older program"),
        ({"Precedence": "bulk"}, Author.AUTOMATIC, "a mailing"),
        ({"List-Unsubscribe": "<https://example.com>"}, Author.AUTOMATIC, "a newsletter"),
        ({"From": "no-reply@example.com"}, Author.AUTOMATIC, "an address that reads nothing"),
        ({"From": "MAILER-DAEMON@example.com"}, Author.BOUNCE, "a mail server"),
        ({"Return-Path": "<>"}, Author.BOUNCE, "nobody to answer to"),
        ({"From": "norepeat@example.com"}, Author.PERSON, "a name that begins alike"),
    ],
)
def test_who_wrote_it(headers: dict[str, str], wanted: Author, why: str) -> None:
    assert read(mail(headers=headers).as_bytes()).author is wanted, why


def test_a_report_of_delivery_is_a_bounce() -> None:
    assert (
        read(b'From: x@example.com\r\nContent-Type: multipart/report; boundary="b"\r\n\r\n--b--').author
        is Author.BOUNCE
    )


def test_the_thread_and_the_code() -> None:
    found = read(
        mail(
            headers={
                "In-Reply-To": "<m3@pops>",
                "References": "<m1@pops> <m2@pops> <m3@pops>",
                "Subject": "Re: [kn-2026-000123] Về khiếu nại",
            }
        ).as_bytes()
    )
    assert found.references == ("<m3@pops>", "<m2@pops>", "<m1@pops>")
    assert found.code == "KN-2026-000123"
    assert read(mail().as_bytes()).code is None


def test_a_mail_within_a_mail_is_one_file() -> None:
    outer = mail("Xem thư đính kèm")
    outer.add_attachment(mail("Bên trong", files={"ảnh": b"png"}))
    (file,) = read(outer.as_bytes()).attachments
    assert file.media_type == "message/rfc822" and b"image/png" in file.content


@pytest.mark.parametrize(
    ("sender", "name", "address", "why"),
    [
        ('"Lê \\"Cò\\", Kế toán" <a@x.vn>', 'Lê "Cò", Kế toán', "a@x.vn", "a comma and quotes, quoted by the rules"),
        ("Lê, Thị Cò <a@x.vn>", "Lê, Thị Cò", "a@x.vn", "a comma that nobody quoted"),
        ("=?utf-8?Q?Tr=E1=BA=A7n,_B=C3=ACnh?= <a@x.vn>", "Trần, Bình", "a@x.vn", "a comma within an encoded word"),
        ('"=?utf-8?B?TmfDoG4sIELDrG5o?=" <A@X.vn>', "Ngàn, Bình", "a@x.vn", "an encoded word in quotes"),
        ("=?utf-8?Q?=22B=C3=ACnh=22_<VIP>?= <a@x.vn>", '"Bình" <VIP>', "a@x.vn", "brackets within an encoded word"),
        ('"boss@pops.vn" <evil@x.vn>', "boss@pops.vn", "evil@x.vn", "a name that looks like an address is none"),
        ("Ánh, boss@pops.vn <evil@x.vn>", "Ánh, boss@pops.vn", "evil@x.vn", "nor where nobody quoted it"),
        ("a@x.vn (Nguyễn, Bình)", "Nguyễn, Bình", "a@x.vn", "the name behind, as old programs write it"),
        ("a@x.vn", "", "a@x.vn", "no name"),
        ("Ánh <a@x.vn>, Bình <b@x.vn>", "Ánh", "a@x.vn", "two writers: the first is answered"),
        ("Ánh", "Ánh", "", "no address"),
    ],
)  # fmt: skip
def test_the_name_of_whoever_wrote_is_whole(sender: str, name: str, address: str, why: str) -> None:
    found = read(f"From: {sender}\r\nSubject: x\r\n\r\nx".encode())
    assert (found.name, found.address) == (name, address), why


def test_an_answer_goes_where_its_writer_says() -> None:
    found = read(mail(headers={"Reply-To": "khac@example.com"}).as_bytes())
    assert (found.name, found.address) == ("Nguyễn Thị Ánh", "khac@example.com"), "who wrote is called as they signed"


def test_a_text_without_end_is_cut() -> None:
    assert len(read(mail("a " * LONGEST).as_bytes()).text) <= LONGEST


@given(st.binary(max_size=2_000))
def test_anything_can_be_read(raw: bytes) -> None:
    assert isinstance(read(raw), Mail)
    read(b"From: a@b.vn\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + raw)


@given(
    st.binary(max_size=200),
    st.sampled_from(["", "utf-7", "rot13", "idna", "cp1258", "utf-16", "punycode", "hex", "'", "\0"]),
)
def test_any_bytes_are_letters(content: bytes, charset: str) -> None:
    decoded(content, charset).encode()
