"""Which police force a district of England or Wales belongs to.

Facts of 2024, with the districts that stand in the names of small areas of 2001, 2011 and 2021 and
have since been merged. Forces are named as data.police.uk names them in "Falls within".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from .spelling import plain

# Forces without an area in England and Wales: what they report says nothing about gaps, nor about
# another's area.
EVERYWHERE: Final = frozenset(
    {"British Transport Police", "Ministry of Defence Police", "Civil Nuclear Constabulary",
     "Police Service of Northern Ireland", "Police Scotland", "Isle of Man Constabulary",
     "States of Jersey Police", "Guernsey Police"}
)  # fmt: skip

_DISTRICTS: Final = {
    "Avon and Somerset Constabulary": (
        "Bath and North East Somerset; Bristol; Bristol, City of; Mendip; North Somerset; "
        "Sedgemoor; Somerset; Somerset West and Taunton; South Gloucestershire; South Somerset; "
        "Taunton Deane; West Somerset"
    ),
    "Bedfordshire Police": "Bedford; Central Bedfordshire; Luton",
    "Cambridgeshire Constabulary": (
        "Cambridge; East Cambridgeshire; Fenland; Huntingdonshire; Peterborough; South "
        "Cambridgeshire"
    ),
    "Cheshire Constabulary": "Cheshire East; Cheshire West and Chester; Halton; Warrington",
    "City of London Police": "City of London",
    "Cleveland Police": "Hartlepool; Middlesbrough; Redcar and Cleveland; Stockton-on-Tees",
    "Cumbria Constabulary": (
        "Allerdale; Barrow-in-Furness; Carlisle; Copeland; Cumberland; Eden; South Lakeland; "
        "Westmorland and Furness"
    ),
    "Derbyshire Constabulary": (
        "Amber Valley; Bolsover; Chesterfield; Derby; Derbyshire Dales; Erewash; High Peak; North "
        "East Derbyshire; South Derbyshire"
    ),
    "Devon & Cornwall Police": (
        "Cornwall; East Devon; Exeter; Isles of Scilly; Mid Devon; North Devon; Plymouth; South "
        "Hams; Teignbridge; Torbay; Torridge; West Devon"
    ),
    "Dorset Police": (
        "Bournemouth; Bournemouth, Christchurch and Poole; Christchurch; Dorset; East Dorset; "
        "North Dorset; Poole; Purbeck; West Dorset; Weymouth and Portland"
    ),
    "Durham Constabulary": "County Durham; Darlington",
    "Dyfed-Powys Police": "Carmarthenshire; Ceredigion; Pembrokeshire; Powys",
    "Essex Police": (
        "Basildon; Braintree; Brentwood; Castle Point; Chelmsford; Colchester; Epping Forest; "
        "Harlow; Maldon; Rochford; Southend-on-Sea; Tendring; Thurrock; Uttlesford"
    ),
    "Gloucestershire Constabulary": (
        "Cheltenham; Cotswold; Forest of Dean; Gloucester; Stroud; Tewkesbury"
    ),
    "Greater Manchester Police": (
        "Bolton; Bury; Manchester; Oldham; Rochdale; Salford; Stockport; Tameside; Trafford; Wigan"
    ),
    "Gwent Police": "Blaenau Gwent; Caerphilly; Monmouthshire; Newport; Torfaen",
    "Hampshire Constabulary": (
        "Basingstoke and Deane; East Hampshire; Eastleigh; Fareham; Gosport; Hart; Havant; Isle "
        "of Wight; New Forest; Portsmouth; Rushmoor; Southampton; Test Valley; Winchester"
    ),
    "Hertfordshire Constabulary": (
        "Broxbourne; Dacorum; East Hertfordshire; Hertsmere; North Hertfordshire; St Albans; "
        "Stevenage; Three Rivers; Watford; Welwyn Hatfield"
    ),
    "Humberside Police": (
        "East Riding of Yorkshire; Kingston upon Hull; Kingston upon Hull, City of; North East "
        "Lincolnshire; North Lincolnshire"
    ),
    "Kent Police": (
        "Ashford; Canterbury; Dartford; Dover; Folkestone and Hythe; Gravesham; Maidstone; "
        "Medway; Sevenoaks; Shepway; Swale; Thanet; Tonbridge and Malling; Tunbridge Wells"
    ),
    "Lancashire Constabulary": (
        "Blackburn with Darwen; Blackpool; Burnley; Chorley; Fylde; Hyndburn; Lancaster; Pendle; "
        "Preston; Ribble Valley; Rossendale; South Ribble; West Lancashire; Wyre"
    ),
    "Leicestershire Police": (
        "Blaby; Charnwood; Harborough; Hinckley and Bosworth; Leicester; Melton; North West "
        "Leicestershire; Oadby and Wigston; Rutland"
    ),
    "Lincolnshire Police": (
        "Boston; East Lindsey; Lincoln; North Kesteven; South Holland; South Kesteven; West Lindsey"
    ),
    "Merseyside Police": "Knowsley; Liverpool; Sefton; St. Helens; Wirral",
    "Metropolitan Police Service": (
        "Barking and Dagenham; Barnet; Bexley; Brent; Bromley; Camden; Croydon; Ealing; Enfield; "
        "Greenwich; Hackney; Hammersmith and Fulham; Haringey; Harrow; Havering; Hillingdon; "
        "Hounslow; Islington; Kensington and Chelsea; Kingston upon Thames; Lambeth; Lewisham; "
        "Merton; Newham; Redbridge; Richmond upon Thames; Southwark; Sutton; Tower Hamlets; "
        "Waltham Forest; Wandsworth; Westminster"
    ),
    "Norfolk Constabulary": (
        "Breckland; Broadland; Great Yarmouth; King's Lynn and West Norfolk; North Norfolk; "
        "Norwich; South Norfolk"
    ),
    "North Wales Police": "Conwy; Denbighshire; Flintshire; Gwynedd; Isle of Anglesey; Wrexham",
    "North Yorkshire Police": (
        "Craven; Hambleton; Harrogate; North Yorkshire; Richmondshire; Ryedale; Scarborough; "
        "Selby; York"
    ),
    "Northamptonshire Police": (
        "Corby; Daventry; East Northamptonshire; Kettering; North Northamptonshire; Northampton; "
        "South Northamptonshire; Wellingborough; West Northamptonshire"
    ),
    "Northumbria Police": (
        "Gateshead; Newcastle upon Tyne; North Tyneside; Northumberland; South Tyneside; Sunderland"
    ),
    "Nottinghamshire Police": (
        "Ashfield; Bassetlaw; Broxtowe; Gedling; Mansfield; Newark and Sherwood; Nottingham; "
        "Rushcliffe"
    ),
    "South Wales Police": (
        "Bridgend; Cardiff; Merthyr Tydfil; Neath Port Talbot; Rhondda Cynon Taf; Swansea; The "
        "Vale of Glamorgan; Vale of Glamorgan"
    ),
    "South Yorkshire Police": "Barnsley; Doncaster; Rotherham; Sheffield",
    "Staffordshire Police": (
        "Cannock Chase; East Staffordshire; Lichfield; Newcastle-under-Lyme; South Staffordshire; "
        "Stafford; Staffordshire Moorlands; Stoke-on-Trent; Tamworth"
    ),
    "Suffolk Constabulary": (
        "Babergh; East Suffolk; Forest Heath; Ipswich; Mid Suffolk; St Edmundsbury; Suffolk "
        "Coastal; Waveney; West Suffolk"
    ),
    "Surrey Police": (
        "Elmbridge; Epsom and Ewell; Guildford; Mole Valley; Reigate and Banstead; Runnymede; "
        "Spelthorne; Surrey Heath; Tandridge; Waverley; Woking"
    ),
    "Sussex Police": (
        "Adur; Arun; Brighton and Hove; Chichester; Crawley; Eastbourne; Hastings; Horsham; "
        "Lewes; Mid Sussex; Rother; Wealden; Worthing"
    ),
    "Thames Valley Police": (
        "Aylesbury Vale; Bracknell Forest; Buckinghamshire; Cherwell; Chiltern; Milton Keynes; "
        "Oxford; Reading; Slough; South Bucks; South Oxfordshire; Vale of White Horse; West "
        "Berkshire; West Oxfordshire; Windsor and Maidenhead; Wokingham; Wycombe"
    ),
    "Warwickshire Police": (
        "North Warwickshire; Nuneaton and Bedworth; Rugby; Stratford-on-Avon; Warwick"
    ),
    "West Mercia Police": (
        "Bromsgrove; Herefordshire; Herefordshire, County of; Malvern Hills; Redditch; "
        "Shropshire; Telford and Wrekin; Worcester; Wychavon; Wyre Forest"
    ),
    "West Midlands Police": (
        "Birmingham; Coventry; Dudley; Sandwell; Solihull; Walsall; Wolverhampton"
    ),
    "West Yorkshire Police": "Bradford; Calderdale; Kirklees; Leeds; Wakefield",
    "Wiltshire Police": "Swindon; Wiltshire",
}

# Where each force's districts lie: west, south, east and north in kilometres of the National Grid,
# outwards. (Northumbria's north is England's.)
_EXTENTS: Final = {
    "Avon and Somerset Constabulary": (270, 102, 384, 200),
    "Bedfordshire Police": (488, 212, 529, 272),
    "Cambridgeshire Constabulary": (501, 235, 573, 319),
    "Cheshire Constabulary": (324, 338, 402, 399),
    "City of London Police": (530, 180, 534, 183),
    "Cleveland Police": (435, 507, 479, 538),
    "Cumbria Constabulary": (292, 460, 390, 590),
    "Derbyshire Constabulary": (397, 310, 457, 406),
    "Devon & Cornwall Police": (82, -4, 339, 159),
    "Dorset Police": (331, 68, 423, 132),
    "Durham Constabulary": (377, 506, 450, 559),
    "Dyfed-Powys Police": (145, 189, 337, 341),
    "Essex Police": (535, 174, 630, 249),
    "Gloucestershire Constabulary": (352, 186, 427, 247),
    "Greater Manchester Police": (351, 381, 407, 422),
    "Gwent Police": (307, 178, 356, 233),
    "Hampshire Constabulary": (403, 75, 491, 166),
    "Hertfordshire Constabulary": (486, 189, 553, 245),
    "Humberside Police": (458, 393, 543, 478),
    "Kent Police": (541, 114, 643, 183),
    "Lancashire Constabulary": (329, 398, 398, 484),
    "Leicestershire Police": (427, 277, 508, 344),
    "Lincolnshire Police": (478, 305, 560, 416),
    "Merseyside Police": (318, 377, 363, 424),
    "Metropolitan Police Service": (503, 155, 563, 202),
    "Norfolk Constabulary": (544, 275, 656, 350),
    "North Wales Police": (209, 293, 352, 397),
    "North Yorkshire Police": (362, 413, 519, 520),
    "Northamptonshire Police": (445, 231, 515, 307),
    "Northumbria Police": (355, 543, 443, 658),
    "Nottinghamshire Police": (443, 321, 491, 402),
    "South Wales Police": (237, 164, 327, 218),
    "South Yorkshire Police": (411, 378, 476, 419),
    "Staffordshire Police": (368, 280, 429, 371),
    "Suffolk Constabulary": (558, 228, 659, 302),
    "Surrey Police": (480, 130, 545, 177),
    "Sussex Police": (472, 91, 603, 145),
    "Thames Valley Police": (419, 158, 507, 257),
    "Warwickshire Police": (402, 228, 457, 311),
    "West Mercia Police": (314, 214, 417, 346),
    "West Midlands Police": (386, 272, 440, 308),
    "West Yorkshire Police": (388, 402, 454, 453),
    "Wiltshire Police": (374, 116, 437, 201),
}

# Names beside the one of data.police.uk: legal and Welsh ones, the police areas' of the Office for
# National Statistics, abbreviations.
_ALIASES: Final = {
    "Avon and Somerset Constabulary": "ASP; ASC; A and S",
    "Bedfordshire Police": "Beds",
    "Cambridgeshire Constabulary": "Cambs",
    "City of London Police": "London, City of; CoLP; CLP",
    "Derbyshire Constabulary": "Derbys",
    "Devon & Cornwall Police": "D and C; DCP; Devon, Cornwall and the Isles of Scilly",
    "Dyfed-Powys Police": "DPP",
    "Gloucestershire Constabulary": "Glos",
    "Greater Manchester Police": "GMP; Manchester, Greater",
    "Hampshire Constabulary": (
        "Hampshire and Isle of Wight; Hampshire and the Isle of Wight; Hampshire and IOW; HIOWC; "
        "HIOW; Hants"
    ),
    "Hertfordshire Constabulary": "Herts",
    "Lancashire Constabulary": "Lancs",
    "Leicestershire Police": "Leics; Leicestershire and Rutland; Leicester, Leicestershire and Rutland",
    "Lincolnshire Police": "Lincs",
    "Metropolitan Police Service": "Met; MPS; Metropolis; Metropolitan London; London, Metropolitan",
    "North Wales Police": "NWP; Gogledd Cymru",
    "North Yorkshire Police": "NYP",
    "Northamptonshire Police": "Northants",
    "Nottinghamshire Police": "Notts",
    "South Wales Police": "SWP; De Cymru",
    "South Yorkshire Police": "SYP",
    "Staffordshire Police": "Staffs",
    "Thames Valley Police": "TVP",
    "Warwickshire Police": "Warks",
    "West Midlands Police": "WMP",
    "West Yorkshire Police": "WYP",
    "Wiltshire Police": "Wilts",
    "British Transport Police": "BTP",
    "Ministry of Defence Police": "MDP; MOD",
    "Civil Nuclear Constabulary": "CNC",
    "Police Service of Northern Ireland": "PSNI; Northern Ireland",
    "Police Scotland": "Police Service of Scotland",
}  # fmt: skip
_WELSH: Final = {
    "North Wales Police": "Ynys Mon; Sir Ddinbych; Sir y Fflint; Wrecsam",
    "Dyfed-Powys Police": "Sir Benfro; Sir Gaerfyrddin; Sir Ceredigion",
    "South Wales Police": (
        "Abertawe; Castell-nedd Port Talbot; Pen-y-bont ar Ogwr; Bro Morgannwg; Caerdydd; Merthyr "
        "Tudful"
    ),
    "Gwent Police": "Caerffili; Tor-faen; Sir Fynwy; Casnewydd",
}
# What a name of a force may have or lack.
_TITLES: Final = frozenset(
    {"police", "constabulary", "service", "force", "area", "the", "heddlu", "chief", "constable",
     "of", "pfa", "territorial"}
)  # fmt: skip

_FORCE: Final = {
    plain(district): force
    for table in (_DISTRICTS, _WELSH)
    for force, districts in table.items()
    for district in districts.split("; ")
}


@lru_cache(1 << 12)  # the same few names come again in every record
def _bare(force: str) -> str:
    """Strip a force's name to what every spelling of it shares."""
    words = re.findall(r"[^\W_]+", force.casefold().replace("&", " and "))
    return " ".join(word for word in words if word not in _TITLES)


_NAMES: Final = {_bare(force): force for force in (*_DISTRICTS, *EVERYWHERE)} | {
    _bare(alias): force for force, aliases in _ALIASES.items() for alias in aliases.split("; ")
}


def named(force: object) -> str | None:
    """Name a force as data.police.uk does, or return None where no force is called so.

    Examples
    --------
    >>> named("Leicestershire"), named("Devon and Cornwall"), named("Ambridge")
    ('Leicestershire Police', 'Devon & Cornwall Police', None)
    >>> named("Hampshire and Isle of Wight Constabulary"), named("London, City of")
    ('Hampshire Constabulary', 'City of London Police')
    """
    return _NAMES.get(_bare(force)) if isinstance(force, str) else None


def force_of(district: object) -> str | None:
    """Name the police force of a district, or None where it isn't known.

    Examples
    --------
    >>> force_of("Rutland"), force_of("Salford"), force_of("Elsewhere")
    ('Leicestershire Police', 'Greater Manchester Police', None)
    """
    return _FORCE.get(plain(district)) if isinstance(district, str) else None


def extent_of(district: object) -> tuple[int, int, int, int] | None:
    """Tell where the police force of a district lies, or None where the district isn't known.

    Returns
    -------
    tuple of int or None
        West, south, east and north in kilometres of the National Grid, rounded outwards.

    Examples
    --------
    >>> extent_of("Rutland"), extent_of("Elsewhere")
    ((427, 277, 508, 344), None)
    """
    return _EXTENTS.get(force_of(district) or "")
