"""Words of a certificate in one language or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchctl.certificates.family import Family
from benchctl.certificates.model import Text
from benchctl.core.messages import catalog, msg, words


def once(texts: Sequence[str]) -> Text:
    """Return the wordings without those that say the same again."""
    return tuple(dict.fromkeys(texts))


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences of the catalog in the languages of a certificate."""

    languages: tuple[str, ...]
    family: Family = field(default_factory=Family)

    def say(self, name: str, /, **args: Any) -> Text:
        """Return a sentence of `certificates`; an argument may be a `Text` of its own."""
        return once(
            [
                words(
                    msg(
                        f"certificates.{name}",
                        **{k: self._of(v, n) for k, v in args.items()},
                    ),
                    language,
                )
                for n, language in enumerate(self.languages)
            ]
        )

    def _of(self, value: Any, n: int) -> Any:
        if isinstance(value, tuple):
            return value[min(n, len(value) - 1)] if value else ""
        return value

    def same(self, value: object) -> Text:
        """Return what reads the same in every language."""
        return (str(value),)

    def of(self, said: Mapping[str, str] | str) -> Text:
        """Return a text that is given by language; one that lacks stands in the other one's."""
        if isinstance(said, str):
            return (said,)
        usual = next(iter(said.values()), "")
        return once([said.get(language) or usual for language in self.languages])

    def item(
        self, name: str, titles: Mapping[str, Mapping[str, str]], quantity: str | None = None
    ) -> Text:
        """Return what an item is called, else what is called after its quantity."""
        given = titles.get(name) or next((t for t in titles.values() if name in t.values()), {})
        given = given or titles.get(quantity or "", {})
        return once(
            [
                given.get(n) or catalog(n, "live").get(f"item-{name}", name.replace("_", " "))
                for n in self.languages
            ]
        )

    def role(self, name: str) -> Text:
        """Return what a role, a parameter or a quantity of points is called."""
        if given := self.family.names.get(name):
            return self.of(given)
        usual = name if "." in name else name.replace("_", " ")
        key = f"role-{name}"
        return once(
            [
                catalog(n, "certificates").get(key) or catalog(n, "live").get(key, usual)
                for n in self.languages
            ]
        )

    def word(self, name: str, value: str, shown: str) -> Text:
        """Return what a value is called; as it is `shown` where it has no name."""
        given = self.family.word(name, value)
        return self.of(given) if given else self.same(shown)

    def listed(self, texts: Sequence[Text]) -> Text:
        """Return texts one after the other, separated as the language does it."""
        return once(
            [
                ("；" if language == "zh" else "; ").join(t[min(n, len(t) - 1)] for t in texts)
                for n, language in enumerate(self.languages)
            ]
        )

    def sentence(self, said: Sequence[Mapping[str, Any] | None]) -> Text:
        """Return a sentence of the record from its document in each language."""
        return once([str((s or {}).get("text", "")) for s in said])

    def known(self, kind: str, name: str) -> Text:
        """Return the words for a name of a kind, the name with blanks where there are none."""
        usual = name.replace("_", " ").replace("-", " ") or "/"
        key = f"{kind}-{name}"
        return once([catalog(n, "certificates").get(key, usual) for n in self.languages])
