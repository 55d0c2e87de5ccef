"""The words of the demo organization, a fictional mail-order shop for lamps. People and places exist nowhere else."""

from dataclasses import dataclass
from decimal import Decimal

from backlog.kinds import Kind

ORGANIZATION = ("Lantern & Loom", "lantern")


@dataclass(frozen=True)
class TeamWords:
    name: str
    slug: str
    prefix: str
    features: tuple[str, ...]
    things: tuple[str, ...]
    parts: tuple[str, ...]  # places in the software: services, jobs, modules


@dataclass(frozen=True)
class TrainWords:
    name: str
    slug: str
    prefix: str
    epics: tuple[str, ...]
    teams: tuple[TeamWords, ...]


TRAINS = (
    TrainWords(
        "Storefront",
        "storefront",
        "STO",
        ("Buy without an account", "Gift cards everywhere", "Find it in three taps", "One basket on every device", "Prices people trust"),
        (
            TeamWords(
                "Checkout",
                "checkout",
                "CHK",
                ("Guest checkout", "Gift cards at checkout", "Voucher handling", "Delivery promise before payment", "Company invoices"),
                ("voucher", "gift card", "delivery window", "card form", "order total", "invoice address", "basket note", "express button"),
                ("pricing service", "tax rounding", "payment adapter", "order draft store", "voucher rules"),
            ),
            TeamWords(
                "Catalogue",
                "catalogue",
                "CAT",
                ("Room pictures", "Product bundles", "Energy labels", "Spare parts finder", "Honest reviews"),
                ("product picture", "energy label", "bundle", "size guide", "review", "spare part", "colour swatch", "stock hint"),
                ("image pipeline", "attribute schema", "review import", "price feed", "bundle resolver"),
            ),
            TeamWords(
                "Discovery",
                "discovery",
                "DIS",
                ("Search that forgives", "Filters that remember", "Ideas for a room", "Seasonal landing pages"),
                (
                    "search suggestion",
                    "filter",
                    "empty result page",
                    "saved search",
                    "brand page",
                    "sorting",
                    "recently seen list",
                    "landing page",
                ),
                ("search index", "synonym list", "ranking job", "landing page builder", "click stream"),
            ),
            TeamWords(
                "Accounts",
                "accounts-team",
                "ACC",
                ("Sign in without a password", "Family accounts", "Order history that helps", "Consent people understand"),
                (
                    "sign-in link",
                    "address book",
                    "order history",
                    "wish list",
                    "consent page",
                    "family invitation",
                    "newsletter choice",
                    "profile",
                ),
                ("session store", "mail templates", "consent log", "address validator", "profile export"),
            ),
        ),
    ),
    TrainWords(
        "Fulfilment",
        "fulfilment",
        "FUL",
        ("Returns without a phone call", "Two-day delivery in the north", "See every parcel", "Warehouse without paper", "Fair refunds"),
        (
            TeamWords(
                "Warehouse",
                "warehouse",
                "WHS",
                ("Picking by light", "Stock counts at night", "Fragile goods lane", "Supplier arrivals"),
                (
                    "picking list",
                    "shelf label",
                    "stock count",
                    "fragile lamp box",
                    "pallet note",
                    "arrival slot",
                    "scanner screen",
                    "packing hint",
                ),
                ("stock ledger", "scanner gateway", "slotting job", "label printer queue", "arrival planner"),
            ),
            TeamWords(
                "Delivery",
                "delivery",
                "DEL",
                ("Delivery windows", "Pick-up points", "Carrier choice", "Live parcel map"),
                (
                    "delivery window",
                    "pick-up point",
                    "parcel map",
                    "carrier note",
                    "door code",
                    "delay message",
                    "evening slot",
                    "safe place",
                ),
                ("carrier adapter", "route quote cache", "parcel event stream", "address geocoder", "promise calculator"),
            ),
            TeamWords(
                "Returns",
                "returns",
                "RET",
                ("Return label by e-mail", "Instant exchange", "Refund to the same card", "Repair instead of return"),
                ("return label", "refund", "exchange", "return reason", "repair offer", "drop-off code", "refund mail", "damage photo"),
                ("refund ledger", "label service", "inspection queue", "carrier returns feed", "reason taxonomy"),
            ),
            TeamWords(
                "Care",
                "care",
                "CAR",
                ("Answers before questions", "One view of a customer", "Call-back that comes", "Chat hand-over"),
                (
                    "help article",
                    "call-back",
                    "chat hand-over",
                    "complaint",
                    "contact form",
                    "waiting message",
                    "order note",
                    "goodwill voucher",
                ),
                ("ticket bridge", "help search", "call planner", "note history", "answer templates"),
            ),
        ),
    ),
)


@dataclass(frozen=True)
class GoalWords:
    """A goal, why, its weight now and when it was made, and the epics that serve it. `ends_in` are days from now; over is what was retired."""

    name: str
    why: str
    weight: Decimal
    was_weighed: Decimal
    epics: tuple[str, ...] = ()
    ends_in: int | None = None
    is_over: bool = False


GOALS = (
    GoalWords(
        "Fewer returns",
        "Every fourth lamp comes back, and each return costs nine euros.",
        Decimal("1.6"),
        Decimal("1.2"),
        ("Returns without a phone call", "Fair refunds"),
        ends_in=95,
    ),
    GoalWords(
        "Buy without hesitation",
        "People fill a basket and leave before they pay.",
        Decimal("1.4"),
        Decimal("1.4"),
        ("Buy without an account", "Prices people trust"),
        ends_in=130,
    ),
    GoalWords(
        "Parcels that keep their promise",
        "A late parcel is the first reason why people call us.",
        Decimal("1.3"),
        Decimal("1.3"),
        ("Two-day delivery in the north", "See every parcel"),
        ends_in=60,
    ),
    GoalWords("Found in three taps", "Whoever finds the lamp buys the lamp.", Decimal(1), Decimal("1.3"), ("Find it in three taps",)),
    GoalWords(
        "A shop everyone can use",
        "One visitor in eight needs large text, a keyboard or a reader.",
        Decimal("1.2"),
        Decimal("1.2"),
        ("One basket on every device",),
    ),
    GoalWords("Ready for the lamp fair", "Forty thousand visitors in three days.", Decimal("1.5"), Decimal("1.5"), is_over=True),
)

# {thing}, {part}, {where}, {role}
TITLES: dict[Kind, tuple[str, ...]] = {
    Kind.STORY: (
        "Show the {thing} {where}",
        "Change the {thing} {where}",
        "Remember the {thing} {where}",
        "Say in one sentence what the {thing} means",
        "Take back a change of the {thing}",
        "Share the {thing} with the household",
        "Choose another {thing} {where}",
        "Preview the {thing} {where}",
        "Warn when the {thing} no longer fits",
        "Print the {thing} on one page",
        "Keep the {thing} when the session ends",
        "Suggest the {thing} of the last order",
        "Compare two {thing} choices side by side",
        "Skip the {thing} {where}",
        "Open the {thing} with one tap {where}",
        "Ask before the {thing} is removed",
    ),
    Kind.BUG: (
        "{Thing} is lost after a reload {where}",
        "Wrong amount beside the {thing} {where}",
        "{Thing} shows twice {where}",
        "Error page instead of the {thing} {where}",
        "{Thing} cannot be changed by keyboard {where}",
        "Old {thing} is shown for a minute {where}",
    ),
    Kind.DESIGN_CHANGE: (
        "Larger tap targets for the {thing} {where}",
        "Calmer colours around the {thing} {where}",
        "One wording for every {thing} {where}",
        "Dark theme for the {thing} {where}",
    ),
    Kind.TECH_DEBT: (
        "Split the {part}",
        "Retire the old {part} {where}",
        "Cover the {part} with contract tests",
        "Move the {part} off the night job",
        "One owner for errors in the {part}",
        "Drop the second copy of the {part} {where}",
    ),
    Kind.USER_REQUEST: (
        "Please let me keep my {thing} {where}",
        "I cannot find the {thing} {where}",
        "Make the {thing} work {where}",
        "Tell me when the {thing} changes {where}",
    ),
    Kind.RETRO_ACTION: (
        "Shorten the release checklist of the {part}",
        "Rotate who answers alarms of the {part}",
        "Write down how we test the {thing}",
        "Ask Care before we change the {thing}",
    ),
    Kind.SPIKE: (
        "Can the {part} answer in 50 ms?",
        "How often is the {thing} used {where}?",
        "What would it take to replace the {part}?",
        "Which carriers support the {thing}?",
    ),
}

WHERE = (
    "on small phones",
    "before payment",
    "for signed-out visitors",
    "in the order mail",
    "at night",
    "for orders abroad",
    "with two addresses",
    "in the basket",
    "after a discount",
    "on slow networks",
    "for large orders",
    "on the product page",
)
REGIONS = (
    "in the north",
    "in the lake district",
    "on the islands",
    "for business buyers",
    "for schools",
    "for repeat buyers",
    "in the outlet",
    "for members",
)
ROLES = ("shopper", "returning customer", "gift buyer", "warehouse worker", "care agent", "business buyer", "visitor on a phone")
BENEFITS = (
    "I do not have to start again",
    "I can decide before I pay",
    "I trust what the page says",
    "nobody has to call us about it",
    "it takes one step less",
    "I see at once what changed",
)
CRITERIA = (
    "The {thing} is shown within one second.",
    "It works by keyboard alone.",
    "An error says what to do and keeps what was typed.",
    "The amount equals the invoice, to the cent.",
    "Nothing changes for orders already paid.",
    "The same words are used in the mail.",
)
PEOPLE = (
    "Ana Fernhollow",
    "Mira Saltmarsh",
    "Jon Pebblewick",
    "Ada Thistledown",
    "Ben Quillfeather",
    "Chidi Lampwright",
    "Eli Mossgrove",
    "Nora Tidewell",
    "Femi Birchlight",
    "Rosa Candleford",
    "Ivo Hearthstone",
    "Lena Windlow",
    "Omar Stonebrook",
    "Pia Rushlight",
    "Tariq Elmshade",
    "Vera Dustwillow",
)
REQUESTS = (
    "I bought a lamp as a gift and want the receipt without the price.",
    "The delivery window moved twice and I had taken the day off.",
    "My screen reader does not say which bulb fits.",
    "Please show the height of the lamp with the shade.",
    "I returned two lamps and only one refund arrived.",
    "Let me change the pick-up point after I have paid.",
    "The voucher from my anniversary mail is refused.",
    "I would like to order a spare shade without the base.",
)
EVIDENCE = (
    "Nine talks with shoppers in May",
    "Counted in the calls of the last quarter",
    "https://notes.example/lamps/returns",
    "A guess of the team, to be tried",
    "Compared with the shade finder",
)
REASONS = {
    "pin": "Promised to the trade fair",
    "keep_above": "The warehouse trains for both at once",
    "not_before": "The carrier's new tariff begins then",
    "freeze": "Nothing moves while the auditors look",
    "boost": "The board asked twice",
    "lifted": "The campaign is over",
}
COMMENTS = (
    "I looked into it: the total is rounded twice, once per line and once at the end.",
    "Agreed with finance. The invoice wins, always.",
    "Can we leave the second screen out of this one? It doubles the work and nobody asked for it.",
    "It happens on small phones only. Steps:\n\n1. open the basket\n2. turn the phone\n3. go back",
    "The copy is in the shared sheet; **please do not shorten it**, legal signed it word by word.",
    "We had the same two years ago, and the fix was a single index.",
    "Who tests this with a screen reader? I can on Thursday.",
    "Smaller than it looks: `round_half_up` exists already.",
    "Three shops asked for it this month, all of them before the weekend.",
    "I would split this: the form first, the mail later.",
    "Does this wait for the new price feed, or can it go before?",
    "Tried it with 200 lines in the basket, it holds.",
    "Let us not promise a date for that yet.",
    "The support team answers this question ten times a day. I am in favour.",
    "Design is fine with it as long as the button keeps its place.",
    "> It should feel like paper.\n\nThat is what the customer said, literally.",
)
QUESTIONS = (
    "Who tells finance which orders to stop correcting?",
    "Does it happen with gift cards as well?",
    "Which of the two addresses counts for the tax?",
    "What do we show while the price is unknown?",
    "Is the old mail still needed?",
    "How long do we keep the draft?",
    "Who writes the sentence that customers read?",
    "Do company customers see it too?",
    "Which browser is the oldest that has to work?",
    "What happens to baskets that are open that night?",
    "May we ask for the phone number here?",
    "Does the warehouse need to know?",
)
ANSWERS = ("No, only with vouchers.", "No. The last reader switched it off in spring.", "Yes, with net prices.", "No, they read the label.")
SKETCH = "Basket before and after.png"
TITLE = "Keep the total right when a voucher is taken out"
WISH = {
    "role": "shopper with a voucher",
    "want": "see the same total in the basket and on the invoice",
    "benefit": "I know what I pay before I pay it",
}
STORY = """\
One in three people leaves the shop at the last step. In nine calls they told us why:

- the total is a cent off once a voucher is taken out
- going back loses what they typed

| Step | Leave there |
|---|---:|
| Basket | 12 % |
| Payment | 31 % |

Support keeps the recordings. The words on the invoice stay as they are."""
SCENARIO = """\
Scenario Outline: the total is the same everywhere
  Given a basket of <basket>
  When the voucher over <voucher> is taken out again
  Then the basket and the invoice both say <total>

  Examples:
    | basket | voucher | total |
    | 45.49  | 5.00    | 45.49 |
    | 19.99  | 20.00   | 19.99 |"""
TASKS = ("Ask finance which rounding is the right one", "Measure on a phone three years old", "Tell support what changes")
FILES = (
    ("Totals before and after.csv", "order;before;after\n1001;19.99;20.00\n1002;45.49;45.50\n"),
    ("Call with the shop in Rodenbeck.txt", "They correct about nine orders a week by hand.\nThey would rather have it right than fast.\n"),
    ("rounding.feature", "Feature: Totals\n  Scenario: a voucher is removed\n    Given a basket of 45.49\n    Then the total is 45.50\n"),
    ("settings.json", '{"rounding": "half_up", "per": "line"}\n'),
)
