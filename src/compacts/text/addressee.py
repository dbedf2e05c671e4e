"""How a paragraph addresses an organization: its role, task, duty to report and term, from the clause that names it."""

import re
from dataclasses import dataclass

from compacts.text.operative import Verb

ROLES = ["actor", "reporter", "partner", "object", "recipient", "source", "mentioned"]
_NO_INFINITIVE = (
    r"(?<!related)(?<!relating)(?<!access)(?<!right)(?<!rights)(?<!respect)(?<!regard)(?<!pursuant)(?<!according)(?<!due)"
    r"(?<!prior)(?<!subject)(?<!relevant)(?<!response)(?<!approach)(?<!contribution)(?<!contributions)(?<!addition)"
    r"(?<!close)(?<!relation)(?<!appreciation)(?<!gratitude)(?<!thanks)(?<!support)(?<!assistance)(?<!report)(?<!annex)"
)
_NOT_VERBS = (
    r"the|a|an|all|its|their|his|her|our|this|that|these|those|which|such|any|each|other|both|date|humanitarian|human|"
    r"international|national|economic|social|sustainable|education|health|food|refugees|migrants|migration|persons|people|"
    r"women|children|developing|countries|peace|technical|financial|existing|new|relevant|poverty|climate|gender|victims"
)
_INFINITIVE = re.compile(
    rf"{_NO_INFINITIVE},? (?:also )?to (?:(?:also|further|[a-z]+ly) )?(?!(?:{_NOT_VERBS})\b)([a-z]+)\b"
)
_JOINT = (
    r"in (?:[a-z]+(?: and [a-z]+)? )?(?:cooperation|co-operation|coordination|consultations?|collaboration|conjunction|"
    r"partnership|association|liaison|concert)(?:,[a-z ]+,)?(?: and [a-z]+)? with|(?:jointly|together|along) with|"
    r"with (?:the )?(?:[a-z]+ )?(?:support|assistance|help|cooperation|involvement|participation|collaboration) of|with input from|"
    r"supported by|assisted by|with (?:[a-z]+ )?support from"
)
_WITH = (
    r"(?:work(?:ing)?|cooperat\w+|co-operat\w+|collaborat\w+|coordinat\w+|co-ordinat\w+|consult\w*|engag\w+|partnerships?|liais\w+|"
    r"dialogue|interact\w*|synerg\w+|agreements?|arrangements?|relations|join\w*|contacts?)"
    r"(?: [a-z]+ly| fully| further| and [a-z]+| efforts| of the [A-Z]\w+)* (?:with|between)|"
    r"(?:extend\w*|full) (?:full )?cooperation to|through|engag\w+ (?:other|the|with)|with other (?:relevant |interested |concerned )?(?:United Nations|entities|bodies|agencies|stakeholders|organizations|international|actors|partners)|"
    r"(?:cooperation|collaboration|coordination), [a-z ]+, (?:with|between)|with other (?:Member )?States|cooperat\w+ in|(?:cooperation|collaboration|coordination) [^.;:]{0,60}? with|memorand\w+ of understanding|(?:cooperation|collaboration|coordination|partnership|agreement|dialogue|coherence|linkages) between"
)
_SUPPORT = (
    r"support(?:s|ing)? (?:to|for|of)?|contribut\w+ (?:made )?to|contributions? (?:of|by|made by)|funds? (?:to|for)|resources (?:to|for|of)|"
    r"assist(?:s|ing|ance to)?|access (?:to|of|by|for)|provid\w+|work (?:of|by|done by|conducted by|undertaken by|carried out by)|"
    r"efforts (?:of|by|made by|undertaken by)|role (?:of|played by|that)|needs of|activities (?:of|by|undertaken by)|"
    r"appreciation (?:to|for)|gratitude to|thanks to|initiatives? (?:of|by|taken by)|achievements of|leadership of|"
    r"assistance (?:provided )?by|programmes? (?:of|by)|services (?:of|provided by)|strengthen\w*|enabl\w+|allow\w*|facilitat\w+"
)
_SOURCE = (
    r"reports? (?:of|by|from|prepared by|submitted by|issued by)|data (?:of|from|by|provided by)|information (?:of|from|by|provided by)|"
    r"guid(?:elines|ance|es?) (?:of|by|from|issued by|developed by)|according to|recommendations (?:of|by|from|made by)|"
    r"stud(?:y|ies) (?:of|by|undertaken by)|findings (?:of|by)|inputs? (?:of|from|by)|views of|defined by|identified by|"
    r"developed by|issued by|published by|produced by|prepared by|conventions? (?:of|adopted by)|standards (?:of|by|set by)|"
    r"recommended by|agreed by|adopted by|guided by|in (?:line|alignment|accordance) with|reported by|estimate\w* (?:of|by)|taking into account|drawing (?:on|upon)|convened by|organized by|held by|briefings? by|"
    r"statistics (?:of|from)|(?:Recommendation|Convention|Declaration|Principles|Guidelines|Code|Protocol)[^;.]{0,30} of|expertise (?:of|from)|strateg(?:y|ies) of|declarations? of|plans? of action of"
)
_OBJECT = (
    r"statute of|budget (?:of|for)|posts? (?:of|for|in)|members(?:hip)? of the Executive (?:Committee|Board)|"
    r"election of|elect\w*|appoint\w*|mandate of|establishment of|financing of|financial statements of|accounts of"
)
_AMONG = r"(?:cooperation|collaboration|coordination|partnerships?|dialogue|coherence|linkages|synergies) among"
_ACTS = r"(?:ensur\w+ that|(?:participation|involvement|engagement) of|(?:administered|implemented|undertaken|carried out|led|managed|coordinated|executed|initiated|implementation|supervision) (?:by|of))"
_ASKED = r"(?:to|and) (?:invite|ask|request|urge|encourage)(?: [a-z]+)? (?:the|all)"
_CUES = re.compile(
    rf"\b(?:(?P<joint>{_JOINT})|(?P<with>{_WITH})|(?P<among>{_AMONG})|(?P<source>{_SOURCE})|(?P<asked>{_ASKED})|(?P<acts>{_ACTS})|(?P<object>{_OBJECT})|(?P<support>{_SUPPORT}))"
)
_OWN_TEXT = re.compile(
    r"^(?:’s|'s)?(?: \([^)]*\))?(?: [A-Z]\w+){0,2} (?:Conventions?|Pact|Module|Standards?|Declarations?|Recommendation|Protocol|Guid\w+|Framework|Code|report|reports|data|Global (?:Report|Trends)|Fundamental|conventions?|standards|guidelines|recommendations|global)\b"
)
_TEXT_OF = re.compile(
    r"(?:\b(?!(?:Boards?|Committees?|Council|Programme|Director|General|Assembly|Conference|Branch|Office|Organi[sz]ation|Nations|"
    r"Commissioner|Representatives?|Heads?|Chair|Requests|Statute|Administrator|Secretary|Division|Section|Department|Group|Body|Mission|Secretariat|President)\b)"
    r"[A-Z][a-z]+|\(No\. \d+\)|, \d{4}),? of (?:the )?(?:Office of the )?(?:United Nations )?$"
)
_GIVES = r"(?:submit|present|prepare|provide|produce|deliver|issue|transmit|publish|compile|elaborate|make available|circulate)"
_PRODUCT = r"(?:reports?|updates?|briefings?|information|stud(?:y|ies)|analys[ie]s|overview|summar(?:y|ies)|presentation|assessment)"
_REPORT = re.compile(
    r"\b(?:to|and|also|as well as) (?:(?:also|further|to|continue(?: to)?|regularly|periodically|jointly|annually|[a-z]+ly) )*"
    rf"(?:report(?! of)|brief|inform\b|update\b|{_GIVES}(?:[ ,][^;.:]{{0,160}}?)? (?:an?|its|his|her|their|regular|periodic|annual|written|oral|comprehensive|further)"
    rf"(?: (?!of|to|the|for|with|and)[\w,-]+){{0,6}} {_PRODUCT}\b|{_GIVES} (?:[a-z]+ )?(?:reports|updates|briefings|information)\b|"
    r"include (?:[^;.]{0,120}? )?in (?:its |his |her |their |the )?(?:[a-z]+ ){0,2}reports?|keep (?:the )?[A-Z][^;.]{0,80}? (?:informed|updated|apprised))"
)
_CONTINUE = re.compile(
    r"\b(?:continu\w+|further|strengthen\w*|maintain\w*|enhanc\w+|intensif\w+|increas\w+|keep\w*|ongoing|step up|scale up|scaling up|reinforc\w+|deepen\w*|sustain(?:ed|ing)?|accelerat\w+)\b"
)
_NEW = re.compile(
    r"\b(?:new (?:role|task|mandate|function|responsib\w+)|additional (?:task|function|responsib\w+)|expand\w* (?:its|the|their) (?:role|mandate|activities|presence)|extend\w* (?:its|the|their) (?:mandate|activities|functions)|assume (?:the|its|this) (?:role|functions?|responsib\w+)|take on|take over|undertake the functions|expansion of the (?:[a-z]+ )?(?:projects?|mandate|role))\b"
)
_REFUGEE = re.compile(r"\b(?:refugee|asylum|(?<!voluntary )repatriat|refoulement)", re.IGNORECASE)
_MIGRANT = re.compile(
    r"\b(?:e?migrant|immigrant|migrat(?:ion|ory)|smuggling of migrants|remittances|diaspora)", re.IGNORECASE
)
_DISPLACED = re.compile(
    r"\b(?:internally displaced|IDPs?|forcibly displaced|displaced persons|internal displacement)\b", re.IGNORECASE
)
_ASKS = 2
_REACH = 30
_PLANNED = re.compile(r"\bwill\b|^[Tt]o [a-z]+ ")
_WILL = re.compile(r"(?: \([^)]*\))? (?:will|shall) (?!be )")
# verbs that ask without an addressee: whoever is named acts
_NEEDS = {
    "calls for",
    "stresses",
    "emphasizes",
    "emphasises",
    "underlines",
    "underscores",
    "reiterates the need",
    "recognizes the need",
}
_FOUNDS = re.compile(r" (?:to establish )?(?:the |a )?(?:Office of the )?(?:United Nations )?")
_REGULATES = re.compile(
    r"(?:agreement (?:concerning the relationship )?between the United Nations and|relationship between the United Nations and|"
    r"(?:funding|financing|budget|statute|mandate|structure|governance) of|agreement to bring|arrangements between the United Nations and) (?:the )?(?:Office of the )?(?:United Nations )?$"
)


@dataclass(frozen=True)
class Clause:
    """The clause that names an organization: its verb (None: none found), where it begins and ends, and the mention."""

    text: str
    verb: Verb | None
    begin: int
    end: int
    start: int
    stop: int


def role(clause: Clause) -> str:
    """Return the role of the organization named in a clause, one of ROLES."""
    text, verb = clause.text, clause.verb
    before, after = text[clause.begin : clause.start], text[clause.stop : clause.end]
    kinds = [str(match.lastgroup) for match in _CUES.finditer(before)]
    cue = kinds[-1] if kinds else None
    if _OWN_TEXT.match(after) or _TEXT_OF.search(before):
        return "source"
    if verb is None:
        return _unasked(clause, cue)
    if _is_object(verb, before):
        return "object"
    if verb.name in {"should", "shall"} and (clause.start < verb.start or cue is None):
        return "partner" if "joint" in kinds else "actor"
    infinitive = _INFINITIVE.search(text, clause.begin, clause.end)
    if verb.strength >= _ASKS and infinitive is not None and clause.start < infinitive.start():
        return _addressed(verb, kinds, text[infinitive.start() : clause.end])
    if verb.strength >= _ASKS and (cue in {"asked", "acts"} or (cue is None and infinitive is None)):
        return "actor"
    if verb.name in _NEEDS and infinitive is None and cue not in {"source", "object", "joint", "with"}:
        return "actor"
    return _later(verb, cue, infinitive is not None and infinitive.start() < clause.start)


def _unasked(clause: Clause, cue: str | None) -> str:
    """Return the role in a clause that no verb of the list governs."""
    if _WILL.match(clause.text, clause.stop):
        return "actor"
    if cue in {"joint", "with"} and _PLANNED.search(clause.text, clause.begin, clause.start):
        return "partner"
    return "source" if cue == "source" else "mentioned"


def _addressed(verb: Verb, kinds: list[str], said: str) -> str:
    """Return the role of an organization named before what is asked."""
    if "joint" in kinds or "with" in kinds or ("among" in kinds and verb.name not in _NEEDS):
        return "partner"
    return "reporter" if _REPORT.match(said.lstrip(", ")) else "actor"


def _later(verb: Verb, cue: str | None, asked: bool) -> str:
    """Return the role of an organization that is not the one addressed."""
    if cue in {"joint", "with", "among"}:
        return "actor" if cue == "among" and verb.name in _NEEDS else "partner"
    if cue in {"source", "object"}:
        return cue
    if cue == "support":
        return "mentioned" if verb.name == "notes" else "recipient"
    if verb.strength == 1 and not asked and verb.name not in {"endorses", "takes note"}:
        return "recipient"
    return "mentioned"


def _is_object(verb: Verb, before: str) -> bool:
    """Return whether the clause founds or regulates the organization itself."""
    if verb.name in {"establishes", "decides"} and _FOUNDS.fullmatch(before):
        return True
    return _REGULATES.search(before) is not None


def reports(clause: Clause) -> bool:
    """Return whether the clause asks for a report or information."""
    infinitive = _INFINITIVE.search(clause.text, clause.begin, clause.end)
    return bool(infinitive and _REPORT.search(clause.text, infinitive.start(), clause.end))


def task(clause: Clause, given: str) -> str:
    """Return whether the task is new, continuing or unspecified; none for roles without a task."""
    if given not in {"actor", "reporter", "partner"}:
        return "none"
    if given == "actor" and (clause.verb is None or clause.verb.strength < _ASKS):
        return "none"
    begin = max(clause.begin, clause.start - _REACH) if given == "partner" else clause.begin
    if _NEW.search(clause.text, begin, clause.end):
        return "new"
    infinitive = _INFINITIVE.search(clause.text, clause.begin, clause.end)
    asked = infinitive.start() if infinitive else clause.stop
    until = min(max(clause.start, asked) + _REACH, clause.end)
    return "continuing" if _CONTINUE.search(clause.text, clause.begin, until) else "unspecified"


def topic(text: str, names: list[tuple[int, int]]) -> str:
    """Return whom a paragraph is about: refugee, migrant, mixed, idp or other; the names of organizations do not count.

    Examples
    --------
    >>> topic("Invites the High Commissioner for Refugees to assist migrants", [(12, 42)])
    'migrant'
    """
    ends = [0, *[end for _, end in sorted(names)]]
    starts = [*[start for start, _ in sorted(names)], len(text)]
    kept = " ".join(text[end:start] for end, start in zip(ends, starts, strict=True))
    refugee, migrant, displaced = (len(pattern.findall(kept)) for pattern in (_REFUGEE, _MIGRANT, _DISPLACED))
    if refugee and migrant:
        return (
            "mixed"
            if min(refugee, migrant) * 2 >= max(refugee, migrant)
            else "refugee"
            if refugee > migrant
            else "migrant"
        )
    if displaced and (refugee or migrant):
        return "mixed"
    return "refugee" if refugee else "migrant" if migrant else "idp" if displaced else "other"
