"""Vocabulary of architects and engineers: places, buildings, work, phases, clients and vendors.

Names of people and streets come from faker. All places and firms are fictional.
"""

from __future__ import annotations

PLACES = (
    "Alder Point",
    "Ashgrove",
    "Beacon Hollow",
    "Birchmere",
    "Blackwater Landing",
    "Brackenford",
    "Calder Reach",
    "Canal Street",
    "Cinder Hill",
    "Cooperage Row",
    "Copperfield Yard",
    "Cranmore",
    "Danforth Mill",
    "Deepwell",
    "Dunmoor",
    "Eastmere",
    "Elmhollow",
    "Fallow Bridge",
    "Ferry Street",
    "Foundry Square",
    "Glenharrow",
    "Granite Falls",
    "Greywater",
    "Halfmoon Bend",
    "Harrow Lane",
    "Hawthorn Park",
    "Hollins Creek",
    "Ironworks Wharf",
    "Juniper Ridge",
    "Kestrel Hill",
    "Kingsbarrow",
    "Lantern Hill",
    "Larkspur",
    "Lockport Basin",
    "Lower Eastmere",
    "Maple Terrace",
    "Marrow Creek",
    "Millrace",
    "Moss Landing",
    "North Pier",
    "Oakhurst",
    "Old Armory",
    "Orchard Street",
    "Otter Brook",
    "Palisade",
    "Pellworth",
    "Pine Barrens Road",
    "Quarry Bank",
    "Queensferry",
    "Ravenswood",
    "Redstone",
    "Rowan Heights",
    "Saltmeadow",
    "Sawyer's Landing",
    "Sheepfold",
    "Slate Hill",
    "South Basin",
    "Stillwater",
    "Stonecutter Lane",
    "Sycamore Flats",
    "Tannery Row",
    "Thornbury",
    "Tidewater",
    "Tollgate",
    "Union Station",
    "Upper Eastmere",
    "Vesper Street",
    "Wainwright",
    "Waverly",
    "Westering",
    "Whitcombe",
    "Willow Bank",
    "Windrush",
    "Wolcott",
    "Woolen Mill",
    "Yarrow Bridge",
)

_NO_TOWN = ("Street", "Lane", "Row", "Road", "Station", "Pier", "Square", "Wharf", "Yard", "Mill", "Armory", "Basin")
TOWNSHIPS = tuple(place for place in PLACES if not place.endswith(_NO_TOWN))
"""Places with a town government."""

TOWNS = (
    ("Albany", "NY", "122"),
    ("Troy", "NY", "121"),
    ("Saratoga Springs", "NY", "128"),
    ("Schenectady", "NY", "123"),
    ("Glens Falls", "NY", "128"),
    ("Hudson", "NY", "125"),
    ("Kingston", "NY", "124"),
    ("Utica", "NY", "135"),
    ("Burlington", "VT", "054"),
    ("Rutland", "VT", "057"),
    ("Brattleboro", "VT", "053"),
    ("Pittsfield", "MA", "012"),
)
"""Town, state, and the first three digits of its postal codes."""

BUILDINGS: dict[str, tuple[str, ...]] = {
    "Office": ("Offices", "Office Building", "Headquarters", "Data Center Shell", "Credit Union Branch"),
    "Education": (
        "Elementary School",
        "Middle School",
        "High School Gymnasium",
        "Library",
        "Science Building",
        "Residence Hall",
        "Child Care Center",
    ),
    "Healthcare": ("Clinic", "Surgical Center", "Imaging Suite", "Nursing Home", "Hospital West Wing", "Pharmacy"),
    "Civic": ("Town Hall", "Fire Station", "Police Station", "Courthouse", "Senior Center", "Public Works Garage"),
    "Housing": ("Apartments", "Townhouses", "Senior Housing", "Supportive Housing", "Lofts", "Residence"),
    "Industrial": ("Warehouse", "Distribution Center", "Brewery", "Assembly Plant", "Cold Storage", "Boiler House"),
    "Historic Preservation": ("Meeting House", "Opera House", "Carriage House", "Chapel", "Railway Depot"),
}
"""Buildings by the Description of their project type."""

WORKS = (
    "Addition",
    "Renovation",
    "Roof Replacement",
    "Window Replacement",
    "Interior Fit-out",
    "Accessibility Upgrades",
    "Facade Repairs",
    "Lobby Refresh",
    "Master Plan",
)
"""Work on existing buildings."""

SITES = (
    "Bridge Rehabilitation",
    "Bridge Replacement",
    "Culvert Replacement",
    "Retaining Wall",
    "Site Plan",
    "Stormwater Upgrades",
    "Streetscape",
    "Water Main Replacement",
    "Dam Inspection",
    "Parking Structure Repairs",
    "Boundary Survey",
    "Trail Extension",
)

STUDIES = (
    "Feasibility Study",
    "Condition Assessment",
    "Code Review",
    "Space Needs Study",
    "Energy Audit",
    "Structural Peer Review",
    "Expert Testimony",
    "Grant Application Support",
)

ARCHITECTURE = (
    ("Pre-Design", 5),
    ("Schematic Design", 15),
    ("Design Development", 20),
    ("Construction Documents", 37),
    ("Bidding and Negotiation", 5),
    ("Construction Administration", 18),
)
ENGINEERING = (
    ("Survey and Investigation", 12),
    ("Preliminary Engineering", 23),
    ("Permitting", 10),
    ("Final Design", 38),
    ("Construction Support", 17),
)
BUILDING_SYSTEMS = (
    ("Concept Design", 14),
    ("Load Calculations", 12),
    ("Design Development", 24),
    ("Contract Documents", 36),
    ("Submittals and Site Visits", 14),
)
INTERIORS = (
    ("Programming", 12),
    ("Space Planning", 20),
    ("Finishes and Furniture", 28),
    ("Construction Documents", 30),
    ("Installation", 10),
)
SMALL = (
    (("Site Visit and Report", 100),),
    (("Investigation", 40), ("Report", 60)),
    (("Design", 65), ("Construction Administration", 35)),
    (("Study", 80), ("Presentation", 20)),
)
"""Phases in order, each with its share of the fee in percent."""

SUB_PHASES: dict[str, tuple[str, ...]] = {
    "Construction Documents": ("Architectural", "Structural", "Mechanical and Electrical", "Specifications"),
    "Design Development": ("Plans and Sections", "Envelope", "Systems Coordination"),
    "Final Design": ("60% Submission", "90% Submission", "100% Submission"),
    "Contract Documents": ("Heating and Cooling", "Plumbing", "Power and Lighting", "Fire Protection"),
    "Construction Administration": ("Submittals", "Site Meetings", "Punch List"),
}

TASKS = (
    "Plans and elevations",
    "Details and schedules",
    "Model coordination",
    "Specifications",
    "Calculations",
    "Field measurement",
    "Code analysis",
    "Site visits",
    "Submittal review",
    "Client meetings",
    "Renderings",
    "Quality review",
)

NOTES = (
    "Fee agreed by letter",
    "Purchase order needed on every invoice",
    "Owner reviews each submission for two weeks",
    "Keys with the superintendent",
    "Hourly, not to exceed",
    "Certified payroll from the contractor",
    "Drawings in the owner's template",
    "",
    "",
    "",
    "",
)

CLIENTS = (
    ("{place} Development Partners", "Private Developer"),
    ("{name} & {other} Properties", "Private Developer"),
    ("{place} Realty Trust", "Private Developer"),
    ("{name} Brothers Construction", "Private Developer"),
    ("{place} Brewing Company", "Private Developer"),
    ("{name} Family Holdings", "Private Developer"),
    ("Town of {place}", "Public Agency"),
    ("City of {place}", "Public Agency"),
    ("{place} Central School District", "Public Agency"),
    ("{place} Water Authority", "Public Agency"),
    ("{place} County Department of Public Works", "Public Agency"),
    ("{place} Housing Authority", "Public Agency"),
    ("{place} Memorial Hospital", "Institution"),
    ("{name} College", "Institution"),
    ("St. {first}'s Parish", "Institution"),
    ("{place} Public Library", "Institution"),
    ("{name} Museum of Art", "Institution"),
    ("{place} Land Conservancy", "Institution"),
)
"""Names of clients, with the Description of their type."""

CONTACT_TITLES = {
    "Private Developer": ("Project Executive", "Managing Partner", "Development Manager", "Owner", "Controller"),
    "Public Agency": ("Town Engineer", "Commissioner", "Business Administrator", "Director of Facilities", "Clerk"),
    "Institution": ("Vice President, Facilities", "Director of Campus Planning", "Chair, Building Committee", "Bursar"),
}

VENDORS = (
    ("{name} Geotechnical", "Engineering Consultant"),
    ("{name} & {other} Land Surveyors", "Engineering Consultant"),
    ("{place} Environmental Laboratory", "Engineering Consultant"),
    ("{name} Acoustics", "Engineering Consultant"),
    ("{name} Cost Estimating", "Engineering Consultant"),
    ("{name} Landscape Studio", "Engineering Consultant"),
    ("{place} Reprographics", "Supplier"),
    ("{place} Office Supply", "Supplier"),
    ("{name} Model Makers", "Supplier"),
    ("{place} Savings Card Services", "Credit Card"),
    ("{place} Power & Light", "Utility"),
    ("{name} Insurance Agency", "Supplier"),
)
"""Names of vendors, with the Description of their type."""

TITLES: dict[str, tuple[str, ...]] = {
    "Principal": ("Principal", "Associate Principal"),
    "Architect": ("Project Architect", "Senior Architect", "Architect"),
    "Engineer": ("Project Engineer", "Senior Engineer", "Engineer"),
    "Designer": ("Designer", "Drafter", "Interior Designer", "Model Manager"),
    "Administrator": ("Project Accountant", "Office Manager", "Proposal Writer"),
}
"""Titles by the Description of the employee type."""

OVERHEAD = ("Administration", "Marketing", "Training", "Paid Leave", "Software and Standards")

PAY: dict[str, tuple[int, int]] = {
    "Principal": (280, 400),
    "Architect": (150, 240),
    "Engineer": (150, 250),
    "Designer": (100, 170),
    "Administrator": (95, 160),
}
"""Lowest and highest hourly pay in quarters of a dollar, by the Description of the employee type."""
