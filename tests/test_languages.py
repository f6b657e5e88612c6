"""What has no capitals, no spaces or another direction, and phrases that mean something else next door."""

from __future__ import annotations

import pytest

from cleaner import Cleaner, restore
from cleaner.document import density, fold, word_count

CLEANER = Cleaner()

# Two paragraphs of an article, so that what stands between and behind them has a middle and a tail to stand in.
ARTICLES = {
    "zh": (
        "河上的老桥从五月起禁止通行，市政府星期一在会议后宣布了这个决定，居民要绕行三公里才能到达对岸的学校和市场。",
        "工程师说桥墩在冬天的洪水里受了损伤，修理要到明年春天才能开始，费用大约是两百万元，由省里和市里各出一半。",
    ),
    "ja": (
        "川にかかる古い橋は五月から通行止めになると、市が月曜日の会議のあとで発表した。"
        "住民は三キロの回り道をすることになる。",
        "技術者によると、橋脚は冬の洪水で傷んでおり、修理が始まるのは来年の春になる。"
        "費用は県と市が半分ずつ負担するという。",
    ),
    "ko": (
        "강을 건너는 낡은 다리는 오월부터 통행이 금지된다고 시가 월요일 회의 뒤에 발표했다. "
        "주민들은 삼 킬로미터를 돌아가야 한다.",
        "기술자들은 겨울 홍수로 교각이 손상되었고 수리는 내년 봄에야 시작될 수 있다고 "
        "말했다. 비용은 도와 시가 반씩 낸다.",
    ),
    "th": (
        "สะพานเก่าข้ามแม่น้ำจะปิดการจราจรตั้งแต่เดือนพฤษภาคม "
        "เทศบาลแถลงหลังการประชุมเมื่อวันจันทร์ ชาวบ้านต้องอ้อมไปสามกิโลเมตรเพื่อไปโรงเรียนและตลาด",
        "วิศวกรกล่าวว่าตอม่อสะพานเสียหายจากน้ำท่วมเมื่อฤดูหนาว "
        "และการซ่อมแซมจะเริ่มได้ในฤดูใบไม้ผลิปีหน้า โดยจังหวัดและเทศบาลจะออกค่าใช้จ่ายคนละครึ่ง",
    ),
    "hi": (
        "नदी पर बना पुराना पुल मई से बंद रहेगा, नगर परिषद ने सोमवार की बैठक के बाद बताया। लोगों को "
        "स्कूल और बाज़ार तक जाने के लिए तीन किलोमीटर का चक्कर लगाना होगा।",
        "इंजीनियरों का कहना है कि सर्दियों की बाढ़ में पुल के खंभे टूट गए थे और मरम्मत अगले "
        "वसंत में शुरू होगी। आधा ख़र्च राज्य और आधा शहर उठाएगा।",
    ),
    "ar": (
        "سيُغلق الجسر القديم فوق النهر ابتداءً من شهر مايو، كما أعلنت البلدية بعد "
        "اجتماعها يوم الاثنين، وسيضطر السكان إلى قطع ثلاثة كيلومترات.",
        "وقال المهندسون إن أعمدة الجسر تضررت في فيضان الشتاء الماضي، وإن الإصلاح لن يبدأ قبل "
        "الربيع المقبل، على أن تتقاسم المحافظة والبلدية التكاليف.",
    ),
    "he": (
        "הגשר הישן מעל הנהר ייסגר החל מחודש מאי, כך הודיעה העירייה אחרי הישיבה "
        "ביום שני, והתושבים ייאלצו לעקוף שלושה קילומטרים.",
        "המהנדסים אמרו כי עמודי הגשר ניזוקו בשיטפון בחורף האחרון, וכי התיקון יתחיל רק "
        "באביב הבא. המחוז והעירייה יחלקו ביניהם את העלות.",
    ),
    "am": (
        "በወንዙ ላይ ያለው አሮጌ ድልድይ ከግንቦት ጀምሮ እንደሚዘጋ ከተማው ሰኞ ከስብሰባው በኋላ አስታወቀ። ነዋሪዎች ሦስት ኪሎ ሜትር መዞር ይኖርባቸዋል ተብሏል።",
        "መሐንዲሶች የድልድዩ ምሰሶዎች በክረምቱ ጎርፍ እንደተጎዱ እና ጥገናው በሚቀጥለው ዓመት እንደሚጀመር ተናግረዋል። ወጪውን ክልሉና ከተማው ይካፈላሉ።",
    ),
    "ru": (
        "Старый мост через реку закроют с мая, сообщили в мэрии после заседания в "
        "понедельник, и жителям придётся объезжать три километра.",
        "Инженеры говорят, что опоры повредило зимним паводком, а ремонт начнётся "
        "только будущей весной. Расходы поделят область и город.",
    ),
    "el": (
        "Η παλιά γέφυρα του ποταμού θα κλείσει από τον Μάιο, ανακοίνωσε ο δήμος μετά τη "
        "συνεδρίαση της Δευτέρας, και ο γύρος είναι τρία χιλιόμετρα.",
        "Οι μηχανικοί λένε ότι τα βάθρα έπαθαν ζημιές στην πλημμύρα του χειμώνα και ότι η "
        "επισκευή θα αρχίσει την άνοιξη. Τα έξοδα θα μοιραστούν.",
    ),
    "de": (
        "Die alte Brücke über den Fluss wird ab Mai gesperrt, teilte die Stadt nach der "
        "Sitzung am Montag mit, und der Umweg ist drei Kilometer lang.",
        "Die Pfeiler hätten im Hochwasser des Winters gelitten, sagen die Ingenieure, und die "
        "Reparatur beginne erst im Frühjahr. Land und Stadt zahlen.",
    ),
    "fr": (
        "Le vieux pont sur la rivière sera fermé à partir de mai, a annoncé la ville après la "
        "séance de lundi, et le détour sera de trois kilomètres.",
        "Les piles ont souffert de la crue de l'hiver, disent les ingénieurs, et les travaux ne "
        "commenceront qu'au printemps. La région paiera la moitié.",
    ),
    "es": (
        "El viejo puente sobre el río se cerrará a partir de mayo, anunció el ayuntamiento "
        "tras la sesión del lunes, y el rodeo será de tres kilómetros.",
        "Los pilares sufrieron con la crecida del invierno, dicen los ingenieros, y la obra "
        "no empezará hasta la primavera. La región pagará la mitad.",
    ),
}


def cleaned(lang: str, *between: str, behind: tuple[str, ...] = ()) -> str:
    first, second = ARTICLES[lang]
    return CLEANER.clean("\n\n".join([first, *between, second, *behind])).text


@pytest.mark.parametrize("lang", ARTICLES)
def test_articles_come_back_unchanged(lang: str) -> None:
    text = "\n\n".join(ARTICLES[lang])
    assert CLEANER.clean(text).text == text


FALSE_FRIENDS = [
    ("de", "Anzeige gegen Unbekannt"),
    ("de", "Anzeige erstattete am Ende niemand, sagt die Polizei."),
    ("de", "Mehr wollte der Bürgermeister am Montag dazu nicht sagen."),
    ("de", "Mehr"),
    ("de", "Werbung für den Umweg macht die Stadt nicht."),
    ("fr", "Plus"),
    ("fr", "Plus personne ne passe par là, dit une voisine."),
    ("fr", "Publicité mensongère, dit le tribunal."),
    ("es", "Más"),
    ("es", "Más de cien vecinos firmaron la carta."),
    ("es", "Compartir el coche será la única solución, dice el alcalde."),
    ("ru", "Читайте также между строк, советует старый редактор."),
    ("ru", "Поделиться было не с кем, говорит она."),
    ("el", "Πηγή του κακού ήταν η πλημμύρα, λένε όλοι."),
    ("ar", "اقرأ أيضاً ما بين السطور، قال المعلم لتلاميذه في نهاية الدرس."),
    ("he", "שתפו אותנו בכאב שלכם, ביקשה ראש העיר מן התושבים."),
    ("hi", "ये भी पढ़ें और समझें, शिक्षक ने बच्चों से कहा।"),
    ("zh", "他说，广告早就没有了，只剩下一面空墙。"),
    ("ja", "関連する記事は一つも残っていない、と司書は言う。"),
    ("ko", "광고는 이미 오래전에 사라졌다고 그는 말했다."),
    ("th", "เขาบอกว่าอ่านเพิ่มเติมได้จากหนังสือเล่มนั้นเท่านั้น"),
    ("am", "መምህሩ ተጨማሪ ያንብቡ ብሎ ለተማሪዎቹ ተናገረ።"),
]


@pytest.mark.parametrize(("lang", "line"), FALSE_FRIENDS)
def test_words_that_mean_something_else_next_door_stay(lang: str, line: str) -> None:
    assert line in cleaned(lang, line)


LABELS_BETWEEN_PARAGRAPHS = [
    ("de", "Lesen Sie auch: Der Umweg führt durch den Wald"),
    ("fr", "Lire aussi : Le détour passe par la forêt"),
    ("es", "Lea también: El rodeo pasa por el bosque"),
    ("ru", "Читайте также: Объезд проходит через лес"),
    ("el", "Διαβάστε επίσης: Ο γύρος περνά από το δάσος"),
    ("ar", "اقرأ أيضاً: الطريق البديل يمر عبر الغابة"),
    ("he", "קראו גם: הדרך העוקפת עוברת ביער"),
    ("hi", "ये भी पढ़ें: दूसरा रास्ता जंगल से होकर जाता है"),
    ("zh", "相关阅读：绕行的路穿过森林"),
    ("ja", "【関連記事】回り道は森を通る"),
    ("ko", "[관련기사] 돌아가는 길은 숲을 지난다"),
    ("th", "อ่านเพิ่มเติม: ทางอ้อมผ่านป่า"),
    ("am", "ተጨማሪ ያንብቡ"),
]


@pytest.mark.parametrize(("lang", "line"), LABELS_BETWEEN_PARAGRAPHS)
def test_labels_of_other_articles_go_in_every_script(lang: str, line: str) -> None:
    assert cleaned(lang, line) == "\n\n".join(ARTICLES[lang])


LABELS_INSIDE = [
    ("ar", "اقرأ أيضاً:"),
    ("hi", "ये भी पढ़ें:"),
    ("zh", "延伸閱讀："),
    ("ja", "関連記事："),
    ("ru", "Читайте также:"),
    ("am", "ተጨማሪ ያንብቡ:"),
]


@pytest.mark.parametrize(("lang", "label"), LABELS_INSIDE)
def test_labels_between_two_sentences_of_one_line(lang: str, label: str) -> None:
    space = "" if lang in {"zh", "ja"} else " "
    first, second = ARTICLES[lang]
    text = space.join([first, second, label, first.replace("、", "")])
    assert label not in CLEANER.clean(text).text


# What somebody is said to have said, in or without quotation marks, is the article's.
SAID = [
    ("ru", "«Подписывайтесь на наш канал в Telegram», — просит старик у входа в метро."),
    ("uk", "«Підтримайте нас на Patreon», — каже зі сцени музикант."),
    ("pl", "„Zapisz się do naszego newslettera”, prosi sprzedawca każdego klienta."),
    ("cs", "„Sledujte nás na Facebooku,“ říká starosta a sál se směje."),
    ("el", "«Ακολουθήστε μας στο Facebook», λέει ο δήμαρχος και η αίθουσα γελά."),
    ("tr", "“Bizi Instagram'da takip edin”, dedi belediye başkanı ve salon güldü."),
    ("nl", "‘Steun onafhankelijke journalistiek’, riepen de betogers voor het stadhuis."),
    ("sv", "”Följ oss på Facebook”, säger ledamoten och salen skrattar."),
    ("hu", "„Iratkozzon fel hírlevelünkre”, mondta a polgármester, és a terem nevetett."),
    ("ro", "„Abonează-te la newsletter”, spune primarul, iar sala râde."),
    ("fr", "« Abonnez-vous à notre newsletter », dit le maire, et la salle rit."),
    ("es", "«Síguenos en Facebook», dijo el alcalde, y la sala se rio."),
]


@pytest.mark.parametrize(("lang", "line"), SAID)
def test_what_somebody_said_stays(lang: str, line: str) -> None:
    first, second = ARTICLES["ru"]
    for text in (f"{first}\n\n{line}\n\n{second}\n", f"{first}\n\n{second}\n\n{line}\n"):
        assert CLEANER.clean(text).text == text


# Quotation marks that open in one language close in another: such a paragraph ends where it ends.
CLOSED_BY_AN_OPENING_MARK = [
    "„Wir haben uns ans Warten gewöhnt und die Überfahrt lieb gewonnen“, sagt die Lehrerin, „die Kinder lernten dort.“",
    "„Zvykli jsme si čekat a nakonec jsme si tu cestu oblíbili,“ říká učitelka, „děti si tam psaly úkoly.“",
    "»Vi vænnede os til at vente og kom til at holde af turen,« siger læreren. »Børnene læste deres lektier der.«",
]


@pytest.mark.parametrize("paragraph", CLOSED_BY_AN_OPENING_MARK)
def test_a_paragraph_that_ends_with_a_quotation_is_no_scrap(paragraph: str) -> None:
    first, second = ARTICLES["de"]
    assert CLEANER.clean(f"{first}\n{second}\n{paragraph}\nKommentare (12)\n").text == (
        f"{first}\n{second}\n{paragraph}\n"
    )


BEHIND_A_SENTENCE = [
    ("ru", "Читайте также: Мост закроют на ремонт до осени"),
    ("pl", "Czytaj też: Most zamkną na remont do jesieni"),
    ("ro", "Citește și: Podul se închide pentru lucrări până la toamnă"),
    ("it", "Leggi anche: Il ponte chiude per lavori fino all'autunno"),
    ("tr", "Kaynak: Örnek Haber Ajansı"),
    ("cs", "Štítky: most, řeka, oprava"),
]


@pytest.mark.parametrize(("lang", "residue"), BEHIND_A_SENTENCE)
def test_labels_behind_the_last_sentence_of_a_paragraph(lang: str, residue: str) -> None:
    first, second = ARTICLES["de"]
    assert CLEANER.clean(f"{first}\n\n{second} {residue}\n").text == f"{first}\n\n{second}\n"


SECOND_COPIES = [
    ("zh", "老人在桥边住了四十年，从来没有见过这样高的水位。"),
    ("ja", "老人は橋のそばに四十年住んでいるが、こんな水位は見たことがないという。"),
]


@pytest.mark.parametrize(("lang", "line"), SECOND_COPIES)
def test_a_pull_quote_stands_twice_where_no_spaces_are_written(lang: str, line: str) -> None:
    assert cleaned(lang, line, behind=(line,)).count(line) == 1


SITES_BEHIND_HEADLINES = [
    ("zh", "老桥五月起禁止通行_示例新闻网", "老桥五月起禁止通行"),
    ("zh", "老橋五月起禁止通行 | 範例日報", "老橋五月起禁止通行"),
    ("ja", "古い橋は五月から通行止めに - 見本ニュース", "古い橋は五月から通行止めに"),
    ("ar", "البلدية تغلق الجسر القديم | صحيفة المثال", "البلدية تغلق الجسر القديم"),
    ("ru", "Старый мост закроют с мая | Газета Пример", "Старый мост закроют с мая"),
]


@pytest.mark.parametrize(("lang", "headline", "bare"), SITES_BEHIND_HEADLINES)
def test_the_name_of_the_site_behind_a_headline(lang: str, headline: str, bare: str) -> None:
    assert CLEANER.clean("\n\n".join([headline, *ARTICLES[lang]])).text.startswith(bare + "\n")


HONEST_HEADLINES = [
    ("zh", "从北京-上海的老桥谈起"),
    ("ja", "橋と川 - 三つの物語"),
    ("ar", "الجسر القديم - حكاية مدينة"),
    ("de", "Stadt verkauft alle Karten für Dorf - Hafen über den Markt online"),
]


@pytest.mark.parametrize(("lang", "headline"), HONEST_HEADLINES)
def test_headlines_with_dashes_stay_whole(lang: str, headline: str) -> None:
    assert CLEANER.clean("\n\n".join([headline, *ARTICLES[lang]])).text.startswith(headline + "\n")


def test_sentences_of_a_language_that_is_hardly_known_stay_beside_residue() -> None:
    first = "Zambuko rekare riri pamusoro perwizi richavharwa kubva muna Chivabvu, rakadaro guta mushure memusangano."
    text = f"{first} Vagari vachatenderera makiromita matatu kuti vasvike kuchikoro nekumusika. "
    assert CLEANER.clean(text + "No media source currently available").text == text.rstrip()


def test_a_name_between_slashes_behind_the_last_sentence() -> None:
    text = "Ura e vjetër mbi lumë do të mbyllet nga maji, njoftoi bashkia pas mbledhjes së së hënës në qytet."
    assert CLEANER.clean(f"{text}/InfoShembulli/").text == text
    credited = f"{text} /sn. arkivi personal/"
    assert CLEANER.clean(credited).text == credited


@pytest.mark.parametrize("lang", ["ar", "he"])
def test_spans_are_exact_from_right_to_left(lang: str) -> None:
    mark = "\u200f"
    label = {"ar": "شارك على فيسبوك", "he": "שתפו בפייסבוק"}[lang]
    text = "\n\n".join([*ARTICLES[lang], mark + label + mark])
    result = CLEANER.clean(text)
    assert [edit.old.strip() for edit in result.removals] == [mark + label + mark]
    assert restore(result.text, result.to_dict()) == text


@pytest.mark.parametrize(
    "text",
    ["Кени и Роза", "мама мыла раму", "Αθήνα και Πάτρα", "Вера, Катя, 3 кота", "COVID-19", "H2O", "Ромео + Julia"],
)
def test_honest_words_are_folded_to_themselves(text: str) -> None:
    assert fold(text) == text.lower().translate(str.maketrans("άή", "αη"))


@pytest.mark.parametrize(
    ("text", "folded"), [("кеni", "keni"), ("Shаre", "share"), ("vidео", "video"), ("rеklаmа", "reklama")]
)
def test_letters_of_another_script_hide_nothing(text: str, folded: str) -> None:
    assert fold(text).replace("к", "k") == folded


def test_a_sentence_in_disguised_letters_goes() -> None:
    first = "Ura e vjetër mbi lumë do të mbyllet që nga maji, njoftoi bashkia pas mbledhjes së së hënës."
    hidden = "Наре раmјеn mëроѕhtë dhe ѕhiкоје të рlоtë."
    assert CLEANER.clean(f"{first} {hidden}").text == first


@pytest.mark.parametrize(
    "text",
    [
        "Аутор књиге признао је да ју је писао десет година.",
        "Cтapият мocт над peката ще бъде затворен oт май, съобщи общината.",
    ],
)
def test_honest_cyrillic_is_no_disguise(text: str) -> None:
    assert CLEANER.clean(text).text == text


def test_one_stray_letter_is_no_disguise() -> None:
    text = "Ura e vjetër mbi lumë do të mbyllet nga mаji, njoftoi bashkia pas mbledhjes së së hënës në qytet."
    assert CLEANER.clean(text).text == text


@pytest.mark.parametrize(
    ("text", "letters", "count"),
    [("a line of five words", 1, 5), ("这里有五个词吗没有", 3, 4), ("สวัสดีชาวโลก", 1, 6), ("👉 read more", 1, 3)],
)
def test_what_a_character_is_worth(text: str, letters: int, count: int) -> None:
    assert density(text) == letters
    assert word_count(text) == count
