"""What the rules of each language have, and how well they do, as a table in Markdown.

    python -m benchmarks.languages [LABELLED.jsonl] [--holes]

For each language: its rules, the phrases and patterns they hold, the examples that prove them, how many categories of
residue they speak of, and, with labelled documents (`benchmarks/accuracy.py` says what they are), their number and
the recall (averaged over documents), loss and perfect documents there, in per cent. `--holes` lists, for each
language, the categories that no rule of it or of all languages speaks of.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.accuracy import score
from cleaner import Cleaner
from cleaner.rules import RESIDUE, RuleSet

NAMES = {
    "af": "Afrikaans", "am": "Amharic", "any": "all languages", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian",
    "bg": "Bulgarian", "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "ha": "Hausa", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "ig": "Igbo",
    "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer",
    "kn": "Kannada", "ko": "Korean", "ku": "Kurdish", "lg": "Luganda", "ln": "Lingala", "lt": "Lithuanian",
    "lv": "Latvian", "mg": "Malagasy", "mk": "Macedonian", "ml": "Malayalam", "mr": "Marathi", "ms": "Malay",
    "my": "Burmese", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian", "om": "Oromo", "pa": "Punjabi",
    "pcm": "Nigerian Pidgin", "pl": "Polish", "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "rw": "Kinyarwanda, Kirundi", "si": "Sinhala", "sk": "Slovak", "sl": "Slovene", "sn": "Shona", "so": "Somali",
    "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai",
    "ti": "Tigrinya", "tl": "Filipino", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek",
    "vi": "Vietnamese", "xh": "Xhosa", "yo": "Yoruba", "zh": "Chinese", "zu": "Zulu",
}  # fmt: skip
SAME = {"swa": "sw", "hau": "ha", "ibo": "ig", "yor": "yo", "amh": "am", "tir": "ti", "orm": "om", "som": "so"}
SHAPELESS = {"duplicate", "title-suffix", "other", "code"}  # known by form and place, not by words of a language


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("labelled", type=Path, nargs="?")
    ask.add_argument("--holes", action="store_true", help="list the categories that a language has no rule for")
    args = ask.parse_args()
    rules = RuleSet.load(checked=True)
    have: dict[str, Counter[str]] = defaultdict(Counter)
    categories: dict[str, set[str]] = defaultdict(set)
    for rule in rules:
        wordings = len(rule.phrases) + (rule.pattern is not None)
        have[rule.lang].update(rules=1, wordings=wordings, examples=len(rule.removes) + len(rule.keeps))
        categories[rule.lang].add(rule.category)
    if args.holes:
        for lang in sorted(have):
            holes = sorted(set(RESIDUE) - SHAPELESS - categories[lang] - categories["any"])
            print(f"{lang:4}{', '.join(holes) or '-'}")
        return
    found: dict[str, Counter[str]] = defaultdict(Counter)
    if args.labelled is not None:
        cleaner = Cleaner(rules, repair="off")
        for line in args.labelled.read_text(encoding="utf-8").splitlines():
            document = json.loads(line)
            lang = SAME.get(document["lang"], document["lang"])
            found[lang].update(score(document, cleaner)[0])
    print("| language | | rules | wordings | examples | kinds | documents | recall | loss | perfect |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for lang in sorted(have, key=lambda lang: (-have[lang]["wordings"], lang)):
        h, f = have[lang], found[lang]
        kinds = len(categories[lang].intersection(RESIDUE))
        cells = [NAMES.get(lang, ""), lang, f"{h['rules']}", f"{h['wordings']:,}", f"{h['examples']}", f"{kinds}"]
        cells += [str(f["documents"] or "")]
        for part, whole in (("macro", "with residue"), ("content gone", "content"), ("perfect", "documents")):
            cells.append(f"{100 * f[part] / f[whole]:.{2 if part == 'content gone' else 0}f}" if f[whole] else "")
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
