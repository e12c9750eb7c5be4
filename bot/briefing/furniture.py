"""What people put around a question: "do we know", "any word on", « on sait si », "... or not?".

It says nothing about what is asked, so no fact has to cover it.
"""

from __future__ import annotations

import re

_YOU = r"(?:you|u|we|someone|somebody|anyone|anybody)"
_TELL = r"(?:tell|remind|give|show|brief)(?: (?:me|us))"
_KNOWN = r"(?:(?: anything| something| more| for sure| yet| already| exactly)*(?: (?:about|on|of|regarding))?\b)"
_NEWS = r"(?:idea|word|info|information|news|update|updates|clue|detail|details|sign|chance)"
_DIRE = r"(?:dire|rappeler|expliquer|indiquer|preciser|préciser|confirmer|donner)"
_SUR = r"(?: (?:sur|concernant|à propos de|a propos de|au sujet de|quant à))?"
# What may stand before a question.
_OPENINGS = (
    r"(?:hi|hello|hey|bonjour|bonsoir|salut|ok|okay|please|pls|svp|stp|euh|um|quick question|quick one|petite question"
    r"|question|sorry|pardon|just checking)\b[ ,:!.-]*",
    rf"(?:can|could|would) {_YOU} (?:please |just |quickly )?(?:{_TELL}|say|find out|check|clarify)\b(?: about| on)?",
    rf"(?:please |just )?{_TELL}(?: (?:about|on|again))?\b",
    rf"(?:do|did|does) {_YOU} (?:even |actually |already |now )?(?:know|have|hold|got){_KNOWN}",
    rf"(?:have|has) {_YOU} (?:got|heard|seen|established){_KNOWN}",
    r"(?:what|whats|what's)(?: do| can| else do| more do)? (?:we|you|u) (?:know|have|got|tell me|say)"
    r" (?:about|on|of)\b",
    r"(?:what is|what's|whats|what was) (?:known|there|the (?:latest|word|story|deal)) (?:about|on|of|with)\b",
    rf"(?:is there |are there |got |have we |there )?any {_NEWS}(?: yet| at all)?(?: (?:on|about|of|as to))?\b",
    r"(?:i|we)(?: am|'m| was| were|'d| would)?(?: just| really| only)? (?:want|need|like|wanted|wonder|wondering|trying"
    r"|looking|asking)(?: (?:to (?:know|understand|find out|find|ask|check)|for|about))?\b",
    r"(?:just )?(?:wondering|curious)(?: about)?\b",
    r"(?:is it|it's|is it really|est-il|est ce|est-ce|c'est|c est) (?:known|clear|sure|connu|clair|su)\b",
    r"(?:est-ce qu|est ce qu|qu'est-ce qu|qu est ce qu)['’ ]?(?:on|vous|tu|nous) (?:sait|savez|sais|savons|a|avez|as)"
    rf"(?: quelque chose)?{_SUR}\b",
    r"(?:on|vous|tu|nous) (?:sait|savez|sais|savons|connaît|connait)(?: déjà| deja| exactement| au juste)?\b",
    rf"(?:que |qu'en )?(?:sait|savez|sais|connait|connaît|connaissez)[- ](?:on|vous|tu|nous)\b"
    rf"(?: quelque chose)?{_SUR}",
    r"(?:a[- ]t[- ]on|avez[- ]vous|as[- ]tu|avons[- ]nous|on a|vous avez|tu as) (?:une idée|une idee|des (?:infos"
    r"|nouvelles|détails|details|précisions|precisions|informations))(?: (?:sur|de|du|des|concernant))?\b",
    r"(?:avez[- ]vous|as[- ]tu|a[- ]t[- ]on)\b",
    r"(?:(?:back|returning|going back) to|(?:revenons[- ]|pour revenir |retour )(?:à|a|aux?))(?: [\w'’-]+){1,4} ?[:,]",
    rf"(?:peut[- ]on|peux[- ]tu|pouvez[- ]vous|pourriez[- ]vous|pourrais[- ]tu|tu peux|vous pouvez) (?:me |nous )?"
    rf"(?:savoir|{_DIRE})\b",
    r"(?:dis|dites|rappelle|rappelez|explique|expliquez|donne|donnez)[- ](?:moi|nous)\b",
    r"(?:je|j|nous|on)['’ ]?(?:veux|voudrais|voudrait|cherche|souhaite|aimerais|aimerait|voulons) ?(?:à |a )?"
    r"(?:savoir|comprendre|connaître|connaitre)?\b",
    r"(?:une |des )?(?:idée|idee|infos?|nouvelles|renseignements|précisions) (?:sur|de|du|des)\b",
)
# What turns it into a question about whether something is so.
_WHETHER = (
    r"(?:is it|was it|it is|it's) (?:really )?(?:true|correct|right|accurate|the case|so)(?: or false)? that\b",
    r"(?:est[- ]il|est[- ]ce|c['’ ]?est|il est)(?: bien)? (?:vrai|exact|juste|correct)(?: ou faux)? (?:que|qu['’]|si)",
    r"(?:true or false|vrai ou faux|vrai que|true that|right that|vrai qu['’])[ :,]*",
    r"how (?:do|can|could|would) (?:we|you|they|i|u) know(?: for sure)?(?: that)?\b",
    r"comment (?:sait[- ]on|savez[- ]vous|savons[- ]nous|on sait|le sait[- ]on)(?: que| qu['’])?",
    r"whether ",
)
# What may stand behind one.
_CLOSINGS = (
    r"[ ,]+(?:please|pls|plz|thanks|thank you|thx|svp|stp|merci|s'il vous plaît|s'il te plaît|or not|or no|ou pas"
    r"|ou non|au juste|exactly|by the way|btw|though|d'ailleurs|en fait|finalement|at all|then|or what|du coup|déjà)",
    r"[ ,]+(?:in (?:one|two|a few) words?|in a nutshell|in short|briefly|en (?:deux|quelques) mots|en bref|en gros)",
    r"[ ,]+for (?:the|a|my) (?:caption|lower third|box|sidebar|headline|lede|graphic|map|story|piece)(?: graphic)?",
    r"[ ,]+pour (?:la|le|un|une|mon) (?:légende|bandeau|encadré|titre|infographie|papier|carte|sujet)",
    r"[ ,]+(?:(?:do|does|did) (?:we|you|anyone|anybody) know(?: yet)?|(?:on sait|sait-on)(?: déjà)?|any idea|une idée)",
    r"[ ,]+(?:according to|in|from) (?:the|your|our) (?:facts|documents?|reports?|files?|coverage|store|reporting)",
    r"[ ,]+(?:selon|d'après|dans) (?:les|vos|nos) (?:faits|documents?|articles?|textes?|fiches?|dépêches)",
)
_COURTESY = re.compile(
    r"^(?:\W*(?:hi|hello|hey|good (?:morning|afternoon|evening)|there|everyone|all|thanks|thank you|thx|ty|cheers"
    r"|a lot|so much|very much|bye|goodbye|ok|okay|great|perfect|nice|cool|got it|bonjour|bonsoir|salut|coucou|merci"
    r"|beaucoup|bien|d['’]accord|parfait|super|génial|au revoir|bonne (?:journée|soirée)|à (?:plus|bientôt))\b)+\W*$",
    re.IGNORECASE,
)
_PUNCTUATION = re.compile(r"^[\s,:;–-]+")
_BEFORE = re.compile(rf"^(?:{'|'.join(_OPENINGS)})(?![\w'’])", re.IGNORECASE)
_WHETHER_BEFORE = re.compile(rf"^(?:{'|'.join(_WHETHER)})", re.IGNORECASE)
_IF = re.compile(r"^(?:if|si) ", re.IGNORECASE)  # only behind an opening: "if the bill passes" is a condition
_BEHIND = re.compile(rf"(?:{'|'.join(_CLOSINGS)})(?=[\s?!.]*$)", re.IGNORECASE)
_MOST = 4  # openings, one in the other: "hi, can you tell me if it is true that"


def is_courtesy(text: str) -> bool:
    """Whether a text only greets or thanks."""
    return bool(_COURTESY.match(text))


def bare(text: str) -> tuple[str, bool]:
    """A question without what stands around it, and whether that asks if something is so.

    A text that is nothing else stays as it is.
    """
    left, whether = _BEHIND.sub("", text), False
    for _ in range(_MOST):
        shorter = _BEFORE.sub("", left, count=1)
        opened, shorter = shorter != left, _PUNCTUATION.sub("", shorter)
        asked = (_IF if opened else _WHETHER_BEFORE).sub("", shorter, count=1)
        whether = whether or asked != shorter
        if asked == left:
            break
        left = _PUNCTUATION.sub("", asked)
    return (left, whether) if any(character.isalnum() for character in left) else (text, False)
