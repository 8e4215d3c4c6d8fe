# ruff: noqa: E501 - one line per subcategory reads as the table it is
"""What the demo retailer deals in: 600 products of ten categories, with codes that belong to no company."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import product as combinations
from random import Random
from typing import Final

from backend.core.identifiers import check_digit
from backend.programs.demo.places import DISTRIBUTORS

PREFIX: Final = "952"
"""GS1 keeps this prefix for demonstrations and examples: no company can own a code that begins so."""
MOST: Final = 600
_CASE_SIZES: Final = (6, 12, 24)
_WITH_CASE: Final = 0.7


@dataclass(frozen=True, slots=True)
class Group:
    """A subcategory: what it is called, what it holds, what things cost, in which months it sells.

    `peak` is the month of the year in which it sells best, 0 for none.
    """

    category: str
    name: str
    items: tuple[str, ...]
    variants: tuple[str, ...]
    prices: tuple[float, float]
    margin: float
    peak: int = 0


@dataclass(frozen=True, slots=True)
class Good:
    """A product. `case_units` 0: it comes without a case code. `popularity` has a mean of about 1."""

    sku: str
    name: str
    group: Group
    gtin: str
    case_gtin: str
    case_units: int
    price: Decimal
    cost: Decimal
    old_price: Decimal
    reorder_point: int
    popularity: float
    distributor: str


_COLOURS = ("Sand", "Slate", "Forest", "Coral")
_SIZES = ("Small", "Medium", "Large")
_PACKS = ("2-pack", "4-pack", "8-pack")
_SCENTS = ("Lemon", "Lavender", "Cedar")

GROUPS: Final = (
    Group("Kitchen", "Cookware", ("Saucepan", "Frying Pan", "Stockpot", "Casserole", "Wok", "Grill Pan", "Roasting Tin"), _SIZES, (18, 85), 0.46, 11),
    Group("Kitchen", "Tableware", ("Mug", "Dinner Plate", "Soup Bowl", "Carafe", "Tea Pot", "Serving Tray"), _COLOURS, (6, 34), 0.55, 12),
    Group("Kitchen", "Kitchen Tools", ("Chef's Knife", "Peeler", "Whisk", "Grater", "Cutting Board", "Ladle"), ("Classic", "Steel", "Oak"), (5, 48), 0.52, 11),
    Group("Kitchen", "Small Appliances", ("Kettle", "Toaster", "Hand Blender", "Coffee Grinder", "Waffle Maker", "Rice Cooker"), ("White", "Black", "Copper"), (24, 110), 0.31, 12),
    Group("Garden", "Planting", ("Clay Pot", "Planter Box", "Seed Tray", "Potting Soil", "Hanging Basket"), _SIZES, (4, 38), 0.49, 5),
    Group("Garden", "Garden Tools", ("Hand Trowel", "Pruner", "Rake", "Watering Can", "Garden Hose", "Gloves"), ("Basic", "Pro", "Compact"), (8, 62), 0.44, 5),
    Group("Garden", "Outdoor Living", ("Lantern", "Folding Chair", "Picnic Blanket", "Parasol", "Hammock"), _COLOURS, (16, 95), 0.42, 7),
    Group("Home", "Textiles", ("Cushion", "Throw", "Bath Towel", "Bed Sheet", "Curtain", "Table Runner"), _COLOURS, (12, 68), 0.54, 11),
    Group("Home", "Lighting", ("Table Lamp", "Floor Lamp", "LED Bulb", "String Lights", "Night Light"), ("Warm", "Neutral", "Dimmable"), (6, 90), 0.47, 12),
    Group("Home", "Storage", ("Storage Box", "Basket", "Shelf Rack", "Hanger Set", "Hook Rail"), _SIZES, (7, 55), 0.50, 1),
    Group("Home", "Candles", ("Pillar Candle", "Scented Candle", "Tea Lights", "Diffuser"), (*_SCENTS, "Vanilla"), (4, 32), 0.61, 12),
    Group("Household", "Cleaning", ("Dish Soap", "All-Purpose Cleaner", "Glass Cleaner", "Floor Cleaner", "Bath Cleaner"), _SCENTS, (3, 12), 0.38),
    Group("Household", "Paper & Bags", ("Paper Towels", "Trash Bags", "Freezer Bags", "Baking Paper", "Napkins"), _PACKS, (3, 19), 0.33),
    Group("Household", "Laundry", ("Laundry Liquid", "Fabric Softener", "Stain Remover", "Wool Wash", "Dryer Sheets"), _SCENTS, (5, 22), 0.36),
    Group("Pantry", "Coffee & Tea", ("Whole Bean Coffee", "Ground Coffee", "Green Tea", "Black Tea", "Herbal Tea"), ("Mild", "Classic", "Dark", "Decaf"), (5, 21), 0.42, 1),
    Group("Pantry", "Snacks", ("Almonds", "Trail Mix", "Crackers", "Granola Bars", "Popcorn", "Dried Mango"), ("Original", "Sea Salt", "Honey"), (3, 13), 0.39),
    Group("Pantry", "Preserves", ("Strawberry Jam", "Honey", "Peanut Butter", "Olive Oil", "Tomato Sauce"), ("8 oz", "16 oz", "32 oz"), (4, 24), 0.37),
    Group("Pantry", "Sweets", ("Dark Chocolate", "Milk Chocolate", "Caramels", "Fruit Gums", "Nougat"), ("Bar", "Box", "Family Size"), (2, 17), 0.45, 12),
    Group("Household", "Dogs", ("Dog Food", "Dog Treats", "Leash", "Dog Bed", "Chew Toy"), _SIZES, (5, 64), 0.40),
    Group("Household", "Cats", ("Cat Food", "Cat Litter", "Scratching Post", "Cat Treats", "Cat Flap"), _SIZES, (4, 52), 0.39),
    Group("Office", "Paper", ("Notebook", "Copy Paper", "Sticky Notes", "Planner", "Envelopes", "Index Cards"), _PACKS, (3, 29), 0.48, 8),
    Group("Office", "Writing", ("Gel Pen", "Fineliner", "Highlighter", "Pencil", "Marker", "Ballpoint"), ("Black", "Blue", "Assorted"), (2, 18), 0.57, 8),
    Group("Office", "Desk", ("Desk Organizer", "Stapler", "Desk Pad", "Book Stand", "Cable Box"), ("Oak", "White", "Graphite"), (8, 46), 0.46, 8),
    Group("Electronics", "Cables & Power", ("USB-C Cable", "HDMI Cable", "Wall Charger", "Power Strip", "Power Bank"), ("3 ft", "6 ft", "Travel"), (7, 49), 0.51, 12),
    Group("Electronics", "Audio", ("Earbuds", "Headphones", "Bluetooth Speaker", "Alarm Clock", "Radio"), ("Black", "White", "Blue"), (19, 129), 0.34, 12),
    Group("Electronics", "Smart Home", ("Smart Plug", "Smart Bulb", "Door Sensor", "Thermometer", "Doorbell"), ("Single", "Twin", "Starter Set"), (12, 89), 0.36, 12),
    Group("Toys", "Building", ("Wooden Blocks", "Marble Run", "Train Track", "Brick Set", "Magnet Tiles"), _SIZES, (12, 74), 0.43, 12),
    Group("Toys", "Games & Puzzles", ("Board Game", "Card Game", "Jigsaw 500", "Jigsaw 1000", "Dominoes"), ("Family", "Travel", "Classic"), (8, 42), 0.47, 12),
    Group("Toys", "Soft Toys", ("Bear", "Rabbit", "Fox", "Owl", "Elephant"), _SIZES, (9, 38), 0.56, 12),
    Group("Toys", "Crafts", ("Colored Pencils", "Modeling Clay", "Sticker Book", "Paint Set", "Bead Kit"), _PACKS, (4, 27), 0.50, 12),
    Group("Sports", "Fitness", ("Yoga Mat", "Dumbbell", "Resistance Band", "Jump Rope", "Foam Roller"), ("Light", "Medium", "Heavy"), (8, 58), 0.45, 1),
    Group("Sports", "Outdoor", ("Water Bottle", "Headlamp", "Dry Bag", "Camping Mug", "First Aid Kit", "Day Pack"), _COLOURS, (9, 49), 0.44, 6),
    Group("Sports", "Ball Games", ("Soccer Ball", "Basketball", "Badminton Set", "Frisbee", "Volleyball"), ("Junior", "Club", "Match"), (8, 44), 0.42, 6),
    Group("Health", "Bath & Body", ("Hand Soap", "Shower Gel", "Body Lotion", "Bath Salts", "Hand Cream"), _SCENTS, (4, 19), 0.53, 12),
    Group("Health", "Oral Care", ("Toothbrush", "Toothpaste", "Floss", "Mouthwash", "Tongue Cleaner"), ("Soft", "Medium", "Whitening"), (2, 14), 0.44),
    Group("Health", "Wellness", ("Vitamin C", "Magnesium", "Herbal Balm", "Heat Pack", "Sleep Mask"), ("30 days", "60 days", "90 days"), (6, 34), 0.49, 1),
)  # fmt: skip


def goods(rng: Random) -> tuple[Good, ...]:
    """Return the 600 products.

    Names and codes are the same for every seed, prices and popularity are not.
    """
    named = [
        (group, f"{item} {variant}")
        for group in GROUPS
        for item, variant in combinations(group.items, group.variants)
    ]
    # Thinned evenly, so that every subcategory keeps its share.
    kept = [named[n * len(named) // MOST] for n in range(MOST)]
    return tuple(_good(rng, n, group, name) for n, (group, name) in enumerate(kept, 1))


def gtin_13(number: int) -> str:
    """Return the code of the product with that number."""
    body = f"{PREFIX}{number:09d}"
    return body + check_digit(body)


def gtin_14(number: int) -> str:
    """Return the code of a case of it (indicator digit 1)."""
    body = f"1{PREFIX}{number:09d}"
    return body + check_digit(body)


def _good(rng: Random, number: int, group: Group, name: str) -> Good:
    low, high = group.prices
    price = Decimal(int(low + (high - low) * rng.betavariate(1.3, 2.6))) + Decimal("0.99")
    margin = group.margin + rng.uniform(-0.06, 0.06)
    popularity = min(8.0, rng.lognormvariate(-0.45, 0.95))
    units = rng.choice(_CASE_SIZES) if price < 40 else _CASE_SIZES[0]
    return Good(
        sku=f"{group.category[:3].upper()}-{1000 + number}",
        name=name,
        group=group,
        gtin=gtin_13(number),
        case_gtin=gtin_14(number),
        case_units=units if rng.random() < _WITH_CASE else 0,
        price=price,
        cost=(price * Decimal(1 - margin)).quantize(Decimal("0.01")),
        old_price=price - 1 if price > 6 and rng.random() < 0.3 else price,
        reorder_point=min(18, 3 + round(3 * popularity)),
        popularity=popularity,
        distributor=rng.choice(DISTRIBUTORS).code,
    )
