"""Word lists for the rules: abbreviations, units, prefixes and the like, mainly English."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES: Final = _words(
    "Adm Amb Asst Attn Atty Brig Capt Cdr Cmdr Col Cpl Cllr Dr Drs Ens Esp Fr Ft Gen Gov Govs Hon Insp Lt "
    "Maj e.g i.e P.S Sec Secy Tel tel Mdm Messrs Mlle Mme Mr Mrs Ms Msgr Mt Ofc Pfc Pres Prof Profs Pvt "
    "Rep Reps Rev Sen Sens Sgt Spc Sr Sra Srta St Ste Supt Treas Vol Vols approx cf ca dept eg esp est "
    "ext ie incl viz vs v"
)
"""Abbreviations that modify the following word: no sentence ends after them."""

ABBREVIATIONS: Final = _words(
    "Jan Feb Apr Aug Sept Sep Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Inc Corp Co Cos Ltd Bros Jr "
    "Ph.D B.Sc M.Sc Assn Dept Univ Intl Mfg Ave Blvd Rd Hwy Ariz Calif Colo Conn Fla Ga Ky La Md Mich "
    "Minn Mont Neb Nev Okla Pa Tenn Tex Va Vt Wis Wyo al ltd inc corp co jr lb lbs oz yr yrs hr hrs"
)
"""Abbreviations that a sentence may end with."""

NUMBERED: Final = _words(
    "No no Nos nos Nr Eq Eqs Fig Figs fig figs Mar Jun Jul Sat Sun p pp Art Ch ch Ref sec par vol Pt"
)
"""Abbreviations only where a number follows."""

STARTERS: Final = _words(
    "A After All Also Although An And Another Any Are As At Because Before But By Can Did Do Does During "
    "Each Even Every Finally First For From Had Has Have He Her Here His How However I If In Instead Is "
    "It Its Last Later Many Meanwhile More Most My No Nor Not Now Of On Once One Only Or Other Our "
    "Perhaps Please She Since So Some Such Thanks That The Their Then There These They This Those Though "
    "Thus To Today Two Under Until Was We Well Were What When Where Which While Who Why Will With Would "
    "Yes Yet You Your"
)
"""Capitalised words that begin a sentence rather than continue a name."""

UNITS: Final = _words(
    "am pm AM PM a.m. p.m. k K m M mm cm km kg g mg lb lbs oz ft mi mph hr hrs min mins sec secs x p F f "
    "C GB MB KB TB gb mb kb ghz GHz MHz mhz hz Hz W w V v kW kWh kw MW mw bn bln mln MM million billion"
)
"""Words that are separate tokens when attached to a number."""

PREFIXES: Final = _words(
    "agro ante anti arch bi bio co counter cross cyber de e eco ex extra inter intra macro mega micro mid "
    "mini mis multi neo non over pan para peri post pre pro pseudo psycho quasi re semi sub super tri u "
    "ultra un uni vice under trans"
)
"""Prefixes that keep their hyphen when hyphenated words are split."""

DOMAINS: Final = _words(
    "com net org edu gov mil int info biz io co uk de fr es nl eu ca au jp cn ru ch se dk pl br tv ly ai "
    "app dev"
)
"""Top-level domains, except those that are English words: ``done.It`` lacks a space."""

FILES: Final = _words(
    "bmp csv doc docx exe gif gz htm html jpeg jpg js json md mov mp3 mp4 mpg pdf php png ppt pptx ps py "
    "rtf sh svg tar tex tiff txt url wav wmv wpd xls xlsx xml yaml yml zip"
)
"""File name extensions."""

JOINED: Final = {
    "cannot": 3, "gonna": 3, "gotta": 3, "wanna": 3, "gimme": 3, "lemme": 3, "dont": 2, "didnt": 3,
    "doesnt": 4, "isnt": 2, "wasnt": 3, "havent": 4, "hasnt": 3, "wouldnt": 5, "couldnt": 5,
    "shouldnt": 6, "cant": 2, "wont": 2, "aint": 2, "arent": 3, "werent": 4, "im": 1, "ive": 1,
    "thats": 4, "whats": 4, "theres": 5, "youre": 3, "theyre": 4,
}  # fmt: skip
"""Two words written as one without an apostrophe, with the offset of the second."""
