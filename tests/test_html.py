"""Pages: what comes out of them, what is pruned, which bytes and markup they may have; and that none does harm."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from cleaner import Cleaner, PageError, RuleError, clean_html, restore
from cleaner.blocks import Blocks
from cleaner.check import check_rules
from cleaner.html import MAX_SIZE, MAX_TAGS, decode, read_as_declared, undo_double_encoding
from cleaner.rules import RuleSet

PARAGRAPHS = [
    "The mill on the upper weir stood idle for most of the winter, and nobody in the valley could say when it would"
    " turn again, least of all the miller, who had sold two of her three horses in the autumn.",
    "By March the river had risen far enough, and Petra Moll opened the sluice with her own hands. The wheel groaned,"
    " shook off its ice, and began to turn; by noon the first sacks of flour stood in the yard.",
    "“We can bake again,” said the baker, who had bought his flour in town since October and had paid a third more for"
    " it. His neighbours, he added, had asked him for bread every morning.",
    "The council will decide in May whether the weir is to be repaired. It would cost forty thousand, the engineer told"
    " the meeting, and would hold for fifty years if the gravel is cleared.",
]
NAVIGATION = '<nav><ul><li><a href="/">Home</a></li><li><a href="/valley">Valley</a></li></ul></nav>'
FOOTER = '<footer><p>© Valley Courier</p><ul><li><a href="/imprint">Imprint</a></li></ul></footer>'


def page(body: str, head: str = "<title>The mill turns again</title>") -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{head}</head><body>{NAVIGATION}<main><article>'
        f"<h1>The mill turns again</h1>{body}</article></main>{FOOTER}</body></html>"
    )


ARTICLE = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
TEXT = "\n".join(PARAGRAPHS)


def blocks(body: str) -> list[str]:
    return [block.text for block in Blocks(document_fromstring(f"<body>{body}</body>"), "", None).blocks]


# --- what comes out -------------------------------------------------------------------------------------------------


def test_the_article_and_nothing_else() -> None:
    assert clean_html(page(ARTICLE)).text == TEXT


def test_the_headline_is_a_field_and_the_first_line_if_asked_for() -> None:
    plain, titled = clean_html(page(ARTICLE)), clean_html(page(ARTICLE), title=True)
    assert plain.title == titled.title == "The mill turns again"
    assert titled.text == f"The mill turns again\n{TEXT}"


def test_what_the_page_says_of_itself() -> None:
    head = (
        "<title>The mill turns again | Valley Courier</title>"
        '<meta property="og:site_name" content="Valley Courier"><meta name="author" content="Anna Berg">'
        '<meta property="article:published_time" content="2021-03-05T10:00:00Z">'
    )
    found = clean_html(page(ARTICLE, head), url="https://courier.example/mill")
    assert (found.title, found.author, found.date, found.language, found.site) == (
        "The mill turns again",
        "Anna Berg",
        "2021-03-05",
        "en",
        "Valley Courier",
    )


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("<ul><li>Two sacks of rye flour</li><li>One sack of wheat</li></ul>", ["- Two sacks of rye flour", "- One"]),
        ("<h2>What the weir will cost</h2>", ["What the weir will cost"]),
        (
            "<table><tr><th>Year</th><th>Sacks of flour</th></tr><tr><td>1920</td><td>Four hundred</td></tr>"
            "<tr><td>1921</td><td>Three hundred</td></tr></table>",
            ["Year | Sacks of flour", "1920 | Four hundred"],
        ),
        (
            "<blockquote><p>The river gives, and the river takes, her mother used to say.</p></blockquote>",
            ["The river"],
        ),
    ],
)
def test_structure_is_kept(markup: str, lines: list[str]) -> None:
    body = f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>{markup}<p>{PARAGRAPHS[2]}</p><p>{PARAGRAPHS[3]}</p>"
    found = clean_html(page(body)).text
    for line in lines:
        assert f"\n{line}" in found


def test_a_page_that_holds_its_article_twice_gives_it_once() -> None:
    assert clean_html(page(f"<div class='wide'>{ARTICLE}</div><div class='narrow'>{ARTICLE}</div>")).text == TEXT


def test_text_straight_in_a_div_is_read() -> None:
    found = clean_html(f"<html><body><div id='x'>{'<br><br>'.join(PARAGRAPHS)}</div></body></html>")
    assert found.text == TEXT


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        # Tags run through these words:
        ("<p>N<b>o</b> one came.</p>", ["No one came."]),
        ('<p><span class="dropcap">T</span>he mill</p>', ["The mill"]),
        ("<p><span>T</span><span>he mill</span></p>", ["The mill"]),
        ("<p>H<sub>2</sub>O and m<sup>2</sup></p>", ["H2O and m2"]),
        ("<p>it<i>’</i>s a <em>re</em>turn</p>", ["it’s a return"]),
        ("<p>see example.<b>com</b> at 10:<b>30</b></p>", ["see example.com at 10:30"]),
        ("<p>磨<b>坊</b>又转了</p>", ["磨坊又转了"]),
        ("<p>flour<wbr>mill</p>", ["flourmill"]),
        # These tags separate:
        ("<p><span>Alpha</span><span>Beta</span></p>", ["Alpha Beta"]),
        ("<p><a href='/1'>one</a><a href='/2'>two</a></p>", ["one two"]),
        ("<div>Alpha text<div>Beta text</div>gamma text</div>", ["Alpha text", "Beta text", "gamma text"]),
        ("<p><b>Q:</b>What happened?</p>", ["Q: What happened?"]),
        ("<p>first line<br>second line</p>", ["first line", "second line"]),
        ("<p>It stopped.<b>Then it rained.</b></p>", ["It stopped. Then it rained."]),
        ("<ul><li>one</li><li>two</li></ul>", ["one", "two"]),
    ],
)
def test_words_at_tags(markup: str, expected: list[str]) -> None:
    assert blocks(markup) == expected


# --- bytes ----------------------------------------------------------------------------------------------------------

GERMAN = page(f"<p>Die Mühle über dem Wehr stand still. Straße und Brücke waren gesperrt.</p>{ARTICLE}")


@pytest.mark.parametrize(
    ("data", "holds"),
    [
        (GERMAN.encode(), "Mühle über"),
        (b"\xef\xbb\xbf" + GERMAN.encode(), "Mühle über"),
        (b"\xff\xfe" + GERMAN.encode("utf-16-le"), "Mühle über"),
        (GERMAN.replace("utf-8", "iso-8859-1").encode("cp1252"), "“We can bake again,”"),
        (GERMAN.replace("utf-8", "no-such-charset").encode("cp1252"), "Mühle über"),
        (GERMAN.replace('<meta charset="utf-8">', "").encode("cp1252"), "Mühle über"),
        ('<meta charset="gb2312"><p>磨坊又转了。</p>'.encode("gbk"), "磨坊又转了。"),
        ('<meta charset="shift_jis"><p>水車がまた回った。</p>'.encode("cp932"), "水車がまた回った。"),
        ("<?xml version='1.0' encoding='windows-1251'?><p>Мельница снова работает.</p>".encode("cp1251"), "Мельница"),
    ],
)
def test_bytes_are_read_as_the_page_declares(data: bytes, holds: str) -> None:
    assert holds in decode(data)


@pytest.mark.parametrize("encoding", ["cp1252", "cp1251"])
def test_double_encoding_is_undone(encoding: str) -> None:
    text = {"cp1252": "Mühle über Straße, “Öl” für Käse, Größe, süß", "cp1251": "Мельница снова работает"}[encoding]
    twice = "".join(bytes([b]).decode(encoding, "ignore") or chr(b) for b in text.encode())
    assert undo_double_encoding(f"<p>{twice}</p>") == f"<p>{text}</p>"


@pytest.mark.parametrize(
    "text", ["Mühle über Straße", "Â la carte, Ã‰ and ÃŸ are mojibake", "Мельница", "磨坊", "naïve"]
)
def test_what_is_encoded_once_stays(text: str) -> None:
    assert undo_double_encoding(text) == text


@pytest.mark.parametrize("misread", ["latin-1", "ptcp154"])
def test_a_page_that_was_read_in_another_encoding_than_it_declares_is_read_again(misread: str) -> None:
    html = "<html><head><meta charset='gb2312'></head><p>磨坊又转了，河水涨得够高，面包师傅说大家又能烤面包了。</p>"
    wrong = html.encode("gb18030").decode(misread)
    assert read_as_declared(wrong) == html


@pytest.mark.parametrize(
    "html",
    [
        "<meta charset='gb2312'><p>磨坊又转了，河水涨得够高，面包师傅说大家又能烤面包了。</p>",
        "<meta charset='gb2312'><p>Die Mühle über dem Wehr: Größe, Straße, Öl, süße Käse, müde Füße.</p>",
        "<meta charset='windows-1251'><p>Мельница снова работает, и река поднялась достаточно высоко.</p>",
        "<p>Ìåëüíèöà ñíîâà ðàáîòàåò, è ðåêà ïîäíÿëàñü</p>",
    ],
)
def test_a_page_in_the_writing_that_it_declares_is_not(html: str) -> None:
    assert read_as_declared(html) == html


# --- pruning --------------------------------------------------------------------------------------------------------


def test_what_is_pruned_is_told_with_its_path_and_rule() -> None:
    found = clean_html(page(f'{ARTICLE}<div class="sharedaddy"><p>Share this</p></div>'))
    (pruned,) = [p for p in found.pruned if p.category == "share"]
    assert (pruned.path, pruned.rule) == ("html > body > main > article > div", "any.css.share-widgets")
    assert found.to_dict()["pruned"] == [p.to_dict() for p in found.pruned]


def test_a_kept_category_is_not_pruned() -> None:
    html = page(f'{ARTICLE}<div class="sharedaddy"><p>Share this</p></div>')
    assert not Cleaner(keep={"share"}).clean_html(html).pruned


def test_an_element_that_holds_the_article_stays() -> None:
    found = clean_html(f'<html><body><div class="sharedaddy">{ARTICLE}</div></body></html>')
    assert found.text == TEXT
    assert not found.pruned


def test_comments_may_be_longer_than_the_article_but_not_all_there_is() -> None:
    section = f'<div class="comments-area">{ARTICLE * 5}</div>'
    there = clean_html(page(ARTICLE + section))
    assert [p.rule for p in there.pruned] == ["any.css.comment-sections"]
    assert there.text == TEXT
    assert not clean_html(f"<html><body>{section}</body></html>").pruned


CSS = """
[[rule]]
name = "box"
why = "box of the Valley Courier"
category = "related"
scope = "css"
selectors = ["div.courier-box > ul"]
removes = ['<div class="courier-box"><ul><li>x</li></ul></div>']
keeps = ['<div class="courier-box"><p>x</p></div>']
"""


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("courier-box > ul", "courier-box > ul.more"), encoding="utf-8")
    return path


def test_rules_of_a_site_are_used_for_its_pages(tmp_path: Path) -> None:
    write(tmp_path, CSS.replace("<ul>", '<ul class="more">'), "sites/courier.example.toml")
    cleaner = pickle.loads(pickle.dumps(Cleaner([tmp_path])))
    html = page(f'{ARTICLE}<div class="courier-box"><ul class="more"><li>Bread is dear</li></ul></div>')
    there = cleaner.clean_html(html, url="https://www.courier.example/mill")
    assert [p.rule for p in there.pruned] == ["sites.courier.example.box"]
    assert not cleaner.clean_html(html, url="https://other.example/mill").pruned


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('selectors = ["div.courier-box > ul"]', ""), "selectors: is missing"),
        (('["div.courier-box > ul"]', '["div.courier-box >"]'), "is no CSS selector"),
        (('["div.courier-box > ul"]', '["div"]'), "must be named by a class, an id or another attribute"),
        (('scope = "css"', 'scope = "line"'), 'selectors: is for rules with scope = "css"'),
        (('scope = "css"', 'scope = "css"\nzone = "tail"'), "zone: is no key of a rule with the scope css"),
    ],
)
def test_bad_css_rules_are_refused(tmp_path: Path, change: tuple[str, str], problem: str) -> None:
    with pytest.raises(RuleError) as error:
        RuleSet.load([write(tmp_path, CSS.replace(*change))])
    assert problem in str(error.value)


def test_examples_of_css_rules_are_proved(tmp_path: Path) -> None:
    path = write(tmp_path, CSS.replace("><p>x</p>", '><ul class="more"></ul>'))
    _, problems = check_rules([path], only=[path])
    assert [p.split(": ", 2)[2].split(" ")[0] for p in problems] == ["removes:", "keeps:"]


# --- the log --------------------------------------------------------------------------------------------------------


def test_the_extracted_text_comes_back() -> None:
    found = clean_html(page(f"{ARTICLE}<p>Share this on</p><p>Leave a comment</p>"))
    assert restore(found.text, found.to_dict()) == found.restore()
    assert found.restore().startswith(TEXT)


def test_nothing_of_a_page_before_it_changes_a_page() -> None:
    cleaner = Cleaner()
    first = cleaner.clean_html(page(ARTICLE)).to_dict()
    for body in ("<p>Other text, and more of it.</p>" * 3, ARTICLE, ARTICLE + ARTICLE):
        cleaner.clean_html(page(body))
    assert cleaner.clean_html(page(ARTICLE)).to_dict() == first


# --- any page, no harm ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "says"),
    [
        ("", "holds no tag"),
        ("no markup at all", "holds no tag"),
        ("<html><body></body></html>", "shows no text"),
        ("<html><frameset><frame src='a.html'></frameset></html>", "shows no text"),
        ("<html><body><script>var a = 'text';</script></body></html>", "shows no text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "binary"),
        ("<p>x" + " " * MAX_SIZE, "too large"),
        ("<b></b>" * MAX_TAGS, "too large"),
        ("<div>" * 90_000 + "text" + "</div>" * 90_000, "too deep"),
    ],
)
def test_a_page_without_text_is_an_error_of_one_line(html: str | bytes, says: str) -> None:
    start = time.process_time()
    with pytest.raises(PageError, match=says) as error:
        clean_html(html)
    assert "\n" not in str(error.value)
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "html",
    [
        f"<?xml version='1.0' encoding='utf-8'?><html xmlns='http://www.w3.org/1999/xhtml'><body>{ARTICLE}</body></html>",
        f"<html amp><body><amp-img src='x'></amp-img><article>{ARTICLE}</article></body></html>",
        f"<button>{page(ARTICLE)}",
        f"<text encoding='gb2312'>\n{page(ARTICLE)}</text>",
        f"{'<div>' * 300}{ARTICLE}{'</div>' * 300}",
        ARTICLE,
        page(ARTICLE).replace("<p>", "<p><script>document.write('<p>no</p>')</script>"),
    ],
)
def test_odd_pages_give_their_article(html: str) -> None:
    assert clean_html(html).text == TEXT


def test_entities_do_not_grow_and_nothing_is_loaded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden words", encoding="utf-8")
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha" * 10}">' for i in range(9))
    html = f'<!DOCTYPE html [{entities}<!ENTITY x SYSTEM "{secret.as_uri()}">]><html><body>{ARTICLE}<p>&e8;&x;</p>'
    found = clean_html(html).text
    assert "hidden words" not in found
    assert len(found) < 2 * len(TEXT)


TAGS = "<p> </p> <div_class=x> </div> <table><tr><td> <li> <br> <pre> <!-- ]]> &amp <a_href=x> </a> <b> <svg>".split()
TAGS = [tag.replace("_", " ") for tag in TAGS] + ["</html>", "\x00", "\ud800"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(TAGS),
            st.text(max_size=30),
            st.sampled_from(PARAGRAPHS),
        ),
        max_size=40,
    )
)
def test_any_page_is_cleaned_or_refused(pieces: list[str]) -> None:
    try:
        found = clean_html("<html>" + "".join(pieces))
    except PageError:
        return
    assert restore(found.text, found.to_dict()) == found.restore()


def test_nothing_of_html_is_imported_for_text() -> None:
    code = (
        "import sys; from cleaner import clean; clean('It rained.');"
        "assert not {'lxml', 'trafilatura', 'cssselect', 'htmldate'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_a_script_shows_later_is_read() -> None:
    hidden = f"<html><body><div id='shell'><p>Loading</p></div><div hidden id='S:0'>{ARTICLE}</div></body></html>"
    assert TEXT in clean_html(hidden).text
    assert "not shown" not in clean_html(page(f"{ARTICLE}<div hidden><p>This is not shown.</p></div>")).text
