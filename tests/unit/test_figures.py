"""Figures: labelled, whole, the same every time, and true to the frame that they draw."""

import math
import re
import xml.etree.ElementTree as ET
from datetime import date
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch
from PIL import Image

from simulation import figures
from simulation.figures.style import looks

SCENARIOS = {"baseline": "As it is", "team": "Team expansion", "both": "Team expansion and digitization"}
KPIS = [
    SimpleNamespace(id="solved", title="Needs resolved", unit="share", direction=1, indifference=0.01),
    SimpleNamespace(
        id="wait", title="90th percentile of the wait", unit="days", direction=-1, indifference=0.5
    ),
    SimpleNamespace(id="cost", title="Cost", unit="yuan", direction=-1, indifference=50_000.0),
]
EXITS = [
    SimpleNamespace(id=name, title=title)
    for name, title in (("fulfilment", "Needs resolved"), ("exit_lost", "Needs lost at a hand-over"))
]
RESOLVED = SimpleNamespace(id="resolved", title="Number of needs resolved", unit="cases", direction=1)
ALL = [*KPIS, *EXITS, RESOLVED]
SEASONS = [("outreach before Spring Festival", 112, 140), ("spring returns", 151, 182), ("later", 500, 600)]
NAMES = {"old_offline": "80 and over, not on-line", "young": "Under 40", "street": "Street station"}


def crossed(**columns):
    """Every combination of the values of the columns, as a frame."""
    return pd.MultiIndex.from_product(columns.values(), names=columns.keys()).to_frame(index=False)


def spread(frame, mean):
    return frame.assign(mean=mean, half_width=0.02, lowest=mean * 0.9, highest=mean * 1.1)


def means():
    """A made-up study of three scenarios, as `average_series` gives it."""
    waits = crossed(scenario=SCENARIOS, dimension=["all", "group"], days=np.arange(0.0, 31.0))
    backlog = crossed(scenario=SCENARIOS, day=range(92, 457))
    busy = crossed(
        scenario=SCENARIOS, team=["street", "human_resources_and_social_security"], month=range(1, 13)
    )
    stages = ["latent", "not_presented", "reneged", "lost", "resolved"]
    flows = crossed(
        scenario=SCENARIOS, source=["street", "district"], target=[f"office {n}" for n in range(20)]
    )
    return {
        "waits": spread(waits, np.exp(-waits["days"] / 8)),
        "waterfall": crossed(scenario=SCENARIOS, stage=stages).assign(
            mean=[14420, 1900, 310, 1100, 11110] * 3
        ),
        "backlog": spread(backlog, 400 + 80 * np.sin(backlog["day"] / 40)),
        "utilisation": spread(busy, 0.2 + 0.06 * busy["month"]),
        "flows": spread(flows, 900 / (1 + flows.groupby(["scenario", "source"]).cumcount()) ** 2),
    }


def comparison():
    rows = crossed(scenario=["team", "both"], kpi=["solved", "wait", "cost"])
    rows["difference"] = [0.02, -2.1, 1.3e6, 0.07, -0.2, 4e5]
    half = np.array([0.005, 0.3, 1e5, 0.09, 0.1, np.nan])
    rows["low"], rows["high"] = rows["difference"] - half, rows["difference"] + half
    return rows.assign(verdict=["better", "better", "worse", "too noisy", "no evidence", "too noisy"])


def summary():
    groups = crossed(scenario=SCENARIOS, kpi=["solved"], dimension=["group"], level=["young", "old_offline"])
    places = crossed(scenario=SCENARIOS, kpi=["solved"], dimension=["place"], level=["b", "a", "c"])
    busy = crossed(
        scenario=SCENARIOS, kpi=["utilisation"], dimension=["team"],
        level=["street", "human_resources_and_social_security"],
    )  # fmt: skip
    ends = crossed(scenario=SCENARIOS, kpi=["fulfilment", "exit_lost"], dimension=["all"], level=[""])
    needs = crossed(scenario=SCENARIOS, kpi=["fulfilment", "exit_lost"], dimension=["need"], level=["card"])
    parts = [
        groups.assign(mean=[0.7, 0.5] * 3), places.assign(mean=[0.6, 0.4, 0.5] * 3), busy.assign(mean=0.3),
        ends.assign(mean=[0.7, 0.3] * 3), needs.assign(mean=[0.8, 0.2] * 3),
    ]  # fmt: skip
    return pd.concat(parts).assign(half_width=0.02)


def within():
    rows = crossed(
        scenario=["team", "both"], kpi=["solved"], dimension=["group"], level=["young", "old_offline"]
    )
    rows["difference"] = [0.02, -0.01, 0.07, 0.0]
    verdicts = ["better", "worse", "better", "no evidence"]
    return rows.assign(low=rows["difference"] - 0.005, high=rows["difference"] + 0.005, verdict=verdicts)


def costs():
    frame = pd.DataFrame(
        {
            "scenario": ["baseline", "team", "both"],
            "status": ["on the frontier", "dominated", "on the frontier"],
        }
    )
    for name, values in (("cost", [0.0, 1.3e6, 4e5]), ("effect", [0.0, 200.0, 700.0])):
        frame[f"{name}_difference"] = values
        frame[f"{name}_low"] = [0.9 * value for value in values]
        frame[f"{name}_high"] = [1.1 * value for value in values]
    return frame


def drawn(scenarios=SCENARIOS, seasons=SEASONS):
    return figures.draw(
        means(), comparison(), costs(), within(), summary(), ALL, scenarios, NAMES, date(2025, 10, 1), seasons
    )


@pytest.fixture(scope="module", name="study")
def _study():
    return drawn()


def words(figure):
    """All words of a figure with the boxes they take, in pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    artists = [*figure.texts, *figure.legends[0].get_texts()] if figure.legends else list(figure.texts)
    artists += [figure._suptitle] if figure._suptitle not in artists else []
    for axes in figure.axes:
        if axes.get_visible():
            artists += [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
            for axis in (axes.xaxis, axes.yaxis):
                low, high = sorted(axis.get_view_interval())
                ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
                ticks = [tick for tick in ticks if low - 1e-9 <= tick.get_loc() <= high + 1e-9]
                artists += [
                    text for tick in ticks for text in (tick.label1, tick.label2) if text.get_visible()
                ]
    shown = [text for text in artists if text.get_visible() and text.get_text().strip()]
    boxes = [text.get_window_extent(canvas.get_renderer()).extents for text in shown]
    return [text.get_text() for text in shown], np.array(boxes)


NAMED = [
    "differences", "plane", "gains", "waits", "waterfall", "ledger", "backlog", "utilisation", "flows",
    "equity",
]  # fmt: skip


def test_a_study_has_all_its_figures_and_a_sentence_for_each(study):
    """What is drawn, in the order of the report, and how to read it."""
    assert list(study) == NAMED
    assert all(figures.CAPTIONS[name].endswith(".") for name in study)


@pytest.mark.parametrize("name", NAMED)
def test_a_figure_is_written_as_svg_and_png(study, name, tmp_path):
    """Both files open, and the SVG asks for nothing from elsewhere."""
    vector, raster = figures.save(study[name], tmp_path / f"{name}.v1")
    assert (vector.name, raster.name) == (f"{name}.v1.svg", f"{name}.v1.png")
    assert raster.read_bytes().startswith(b"\x89PNG")
    text = vector.read_text(encoding="utf-8")
    assert ET.fromstring(text).tag.endswith("svg")
    assert not re.search(r'href="(?!#)|<image|<script|<!--', text)


@pytest.mark.parametrize("name", NAMED)
def test_axes_say_what_they_show(study, name):
    """Every axis with numbers on it has a label; those of the last row speak for the ones above."""
    bottom = [axes for axes in study[name].axes if axes.get_visible() and axes.get_subplotspec() is not None]
    assert name == "gains" or any(axes.get_xlabel() for axes in bottom)
    labels = " ".join(axes.get_xlabel() + axes.get_ylabel() for axes in study[name].axes)
    unit = {
        "differences": "percentage points", "waits": "Days", "waterfall": "Cases", "backlog": "Open cases",
        "utilisation": "(%)", "flows": "Cases", "equity": "(%, higher is better)", "plane": "million yuan",
        "ledger": "(%)", "gains": "percentage points",
    }  # fmt: skip
    assert unit[name] in labels + study[name]._suptitle.get_text()


def check_words(figure):
    """All words lie within the figure, and no two share more than a hair's breadth."""
    texts, boxes = words(figure)
    width, height = figure.get_size_inches() * figure.dpi
    inside = (boxes[:, :2] >= -1).all(axis=1) & (boxes[:, 2] <= width + 1) & (boxes[:, 3] <= height + 1)
    assert inside.all(), [text for text, fits in zip(texts, inside, strict=True) if not fits]
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.triu(((high - low) > 1.5).all(axis=2), k=1)
    assert not shared.any(), [(texts[a], texts[b]) for a, b in np.argwhere(shared)]


@pytest.mark.parametrize("name", NAMED)
def test_no_word_is_cut_and_none_covers_another(study, name):
    """Whatever is written can be read."""
    check_words(study[name])


@pytest.mark.parametrize("name", NAMED)
def test_the_same_frame_gives_the_same_bytes(study, name):
    """Neither time nor memory addresses get into an SVG."""
    assert figures.svg(study[name]) == figures.svg(drawn()[name])


def test_drawing_leaves_the_settings_of_matplotlib_alone():
    """A notebook that draws its own figures keeps its own style."""
    before = dict(mpl.rcParams)
    drawn()
    assert dict(mpl.rcParams) == before


def test_a_scenario_has_one_colour_everywhere(study):
    """The baseline is grey; the others keep their colour from figure to figure."""
    found = looks(SCENARIOS)
    for name in ("waits", "backlog"):
        lines = {line.get_label(): to_hex(line.get_color()) for line in study[name].axes[0].get_lines()}
        assert lines == {look.title: look.colour.lower() for look in found.values()}


def test_many_scenarios_can_be_told_apart():
    """Beyond the six colours, dash or marker makes the difference."""
    found = looks({str(n): str(n) for n in range(19)}).values()
    assert len({(look.colour, look.marker, str(look.dash)) for look in found}) == 19


@pytest.mark.parametrize("name", NAMED)
def test_titles_are_taken_literally_and_broken_where_they_are_long(name, odd):
    """Dollars are no formulas, angle brackets no tags; ninety letters without a space do not burst it."""
    assert "<b>" not in figures.svg(odd[name])
    check_words(odd[name])


@pytest.fixture(scope="module", name="odd")
def _odd():
    return drawn({"baseline": r"$\frac{1}{0}$ <b>&", "team": "a_b " * 30, "both": "x" * 90})


def test_a_difference_is_drawn_in_its_unit_with_the_shape_of_its_verdict(study):
    """7 percentage points at 7, 1.3 million yuan at 1.3; a policy whose interval is not known has no bar."""
    solved, _, cost = study["differences"].axes[:3]
    points = [line for line in solved.get_lines() if line.get_marker() != "None"]
    assert [line.get_xdata()[0] for line in points] == pytest.approx([2, 7])
    assert [line.get_marker() for line in points] == ["o", "v"]
    assert "million yuan" in cost.get_xlabel()
    bars = [
        line.get_xdata()
        for line in cost.get_lines()
        if len(line.get_xdata()) == 2 and line.get_marker() == "None"
    ]
    widths = [high - low for low, high in bars]
    assert widths[:2] == pytest.approx([0, 0.2])
    assert math.isnan(widths[2])


def test_the_waterfall_hangs_each_loss_from_what_was_left():
    """10 needs, 3 lost and 2 refused: the bars begin at 0, 7, 5 and 0."""
    frame = pd.DataFrame(
        {"scenario": "now", "stage": ["latent", "lost", "refused", "resolved"], "mean": [10, 3, 2, 5]}
    )
    (axes,) = figures.waterfall(frame, {"now": "Now"}).axes
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(0, 10), (7, 3), (5, 2), (0, 5)]
    assert [text.get_text() for text in axes.texts] == ["10", "−3 (30.0 %)", "−2 (20.0 %)", "5 (50.0 %)"]


def test_months_begin_where_the_calendar_says(study):
    """Day 92 after 1 October 2025 is 1 January 2026; the window has twelve names and twelve beginnings."""
    axis = study["backlog"].axes[0].xaxis
    assert [text.get_text() for text in axis.get_minorticklabels()][:2] == ["Jan", "Feb"]
    assert list(axis.get_majorticklocs()[:3]) == [92, 92 + 31, 92 + 31 + 28]
    assert axis.label.get_text() == "Month of 2026"
    assert len(axis.get_minorticklocs()) == 12


def test_seasons_are_named_and_those_outside_the_window_left_out(study):
    """Two of the three seasons touch the year; neighbours stand on two lines."""
    texts = study["backlog"].axes[0].texts
    assert [text.get_text() for text in texts] == ["outreach before Spring Festival", "spring returns"]
    assert texts[0].xyann[1] > texts[1].xyann[1]


def test_bands_are_as_wide_as_the_cases_that_flow():
    """Of 50 cases 40 go to the district: its band has four times the width, and both ends agree."""
    frame = pd.DataFrame({"source": "street", "target": ["district", "justice"], "mean": [40.0, 10.0]})
    (axes,) = figures.flows(frame, "Now").axes
    ribbons = [patch.get_path().vertices[:, 1] for patch in axes.patches if isinstance(patch, PathPatch)]
    at_left = [path[0] - path[7] for path in ribbons]
    at_right = [path[3] - path[4] for path in ribbons]
    assert at_left == pytest.approx(at_right)
    assert at_left[0] == pytest.approx(4 * at_left[1])
    assert {text.get_text() for text in axes.texts} == {"street (50)", "district (40)", "justice (10)"}


def test_small_flows_are_drawn_as_one(study):
    """Twenty offices are too many: the seven smallest become one, and no case is lost."""
    texts = [text.get_text() for text in study["flows"].axes[0].texts]
    right = [text for text in texts if text.startswith(("office", "7 others"))]
    assert len(right) == 14
    assert any(text.startswith("7 others") for text in right)


def test_few_levels_have_marks_and_many_a_band():
    """Two groups: a mark each in every row; nine places: a tick each on a bar from lowest to highest."""
    rows = crossed(scenario=SCENARIOS, kpi=["solved"], dimension=["place"], level=list("abcdefghi"))
    frame = pd.concat([summary(), rows.assign(mean=np.tile(np.arange(9) / 10, 3), half_width=0.02)])
    groups, places = figures.equity(frame, KPIS[0], SCENARIOS, ["group", "place"]).axes
    assert len(groups.containers) == 2
    assert [bar.get_width() for bar in places.patches] == pytest.approx([80] * 3)


def test_two_groups_of_one_name_stay_two():
    """Where titles repeat, the id is added."""
    names = {"young": "Veterans", "old_offline": "Veterans"}
    none = comparison()[:0]
    found = figures.draw({}, none, none, within(), summary(), ALL, SCENARIOS, names, date(2026, 1, 1), [])
    labels = [text.get_text() for text in found["gains"].axes[0].get_xticklabels()]
    assert labels == ["Veterans (young)", "Veterans (old offline)"]


def test_who_is_worse_off_is_seen():
    """Each cell has its number, on paper of its verdict."""
    axes = figures.gains(within(), KPIS[0], SCENARIOS).axes[0]
    assert [text.get_text() for text in axes.texts] == ["+2.0", "+7.0", "−1.0", "0.0"]
    assert len({to_hex(bar.get_facecolor()) for bar in axes.patches}) == 3


def test_the_ledger_is_whole():
    """The shares of a row lie end to end and fill it."""
    policies, needs = figures.ledger(summary(), ALL, SCENARIOS, {"card": "A card"}).axes
    assert [(bar.get_x(), bar.get_width()) for bar in needs.patches] == [(0, 0.8), (0.8, pytest.approx(0.2))]
    assert len(policies.patches) == 6


def test_the_dominated_are_hollow_and_the_frontier_is_drawn():
    """Team expansion costs more and brings about less than both together."""
    axes = figures.plane(costs(), SCENARIOS, "needs resolved", "yuan").axes[0]
    marks = [line for line in axes.get_lines() if line.get_marker() not in ("None", None, "")]
    assert [to_hex(line.get_markerfacecolor()) == "#ffffff" for line in marks] == [False, True, False]
    frontier = axes.get_lines()[-1]
    assert list(frontier.get_xdata()) == [0, 700]
    assert axes.get_ylabel() == "Additional cost (million yuan)"


MANY = {"baseline": "As it is", **{f"p{n}": f"Policy number {n} of a good many" for n in range(19)}}


@pytest.fixture(scope="module", name="crowd")
def _crowd():
    """The same study with twenty scenarios."""

    def spread_out(frame):
        one = frame[frame["scenario"] == frame["scenario"].iloc[0]]
        wanted = list(MANY)[0 if frame["scenario"].iloc[0] == "baseline" else 1 :]
        return pd.concat([one.assign(scenario=name) for name in wanted], ignore_index=True)

    series = {name: spread_out(frame) for name, frame in means().items()}
    tables = [spread_out(table()) for table in (comparison, costs, within, summary)]
    return figures.draw(series, *tables, ALL, MANY, NAMES, date(2025, 10, 1), SEASONS)


@pytest.mark.parametrize("name", NAMED)
def test_twenty_policies_can_be_read(crowd, name):
    """No word is cut and none covers another, and the drawing stays small enough to publish."""
    check_words(crowd[name])
    assert len(figures.svg(crowd[name])) < 250_000


@pytest.mark.parametrize("name", ["waits", "backlog"])
def test_beyond_a_few_each_policy_has_a_panel_with_the_baseline(crowd, name):
    """Nineteen panels of two curves, instead of twenty curves in one."""
    panels = [axes for axes in crowd[name].axes if axes.get_visible()]
    assert len(panels) == 19
    assert all(len(axes.get_lines()) == 2 for axes in panels)


@pytest.mark.parametrize("scenarios", [SCENARIOS, MANY])
def test_the_start_up_can_be_read(scenarios):
    """Thin and thick line of each scenario; no word is cut and none covers another."""
    frame = crossed(scenario=scenarios, day=range(40)).assign(mean=9.0, smooth=9.0)
    drawn = figures.welch(frame, scenarios)
    check_words(drawn)
    shown = [axes for axes in drawn.axes if axes.get_visible()]
    assert sum(len(axes.get_lines()) for axes in shown) == (6 if scenarios is SCENARIOS else 4 * len(shown))


def test_one_replication_is_drawn_without_bands():
    """Without a half-width there is a line and no interval."""
    frame = means()["waits"].assign(half_width=np.nan)
    assert figures.svg(figures.waits(frame[frame["dimension"] == "all"], SCENARIOS))


def test_a_team_that_has_no_hours_leaves_its_cell_empty():
    """A month without open hours has no share and no number."""
    frame = means()["utilisation"]
    frame.loc[frame["month"] == 2, "mean"] = np.nan
    year = frame[frame["month"] == 1]
    found = figures.utilisation(frame, year, SCENARIOS)
    assert len(found.axes[0].texts) == 2 * 11
    assert len(found.axes[1].texts) == 2 * 3


def test_speeds_can_be_read_and_reach_as_far_as_they_are():
    """A point per engine at its rate, those of the project in its colour; all words within the figure."""
    names = ["vetsim, compiled", "vetsim, reference", "SimPy", "Ciw"]
    rows = crossed(workload=["queue", "referral"], engine=names)
    rows["rate"] = [9_140_000.0, 125_000.0, 102_000.0, 60_000.0, 2_041_000.0, 25_000.0, 21_000.0, 9_000.0]
    rows["rate_lowest"], rows["rate_highest"] = rows["rate"] * 0.9, rows["rate"] * 1.05
    workloads = {"queue": "One station of 10", "referral": "Desk, three departments, closing desk"}
    figure = figures.speeds(rows, workloads)
    points = [bars.lines[0] for axes in figure.axes for bars in axes.containers]
    rates = [rate for points_ in points for rate in points_.get_xdata()]
    assert rates == rows["rate"].tolist()
    ours, others = [to_hex(points_.get_color()) for points_ in points[:2]]
    assert ours != others
    assert [len(points_.get_xdata()) for points_ in points] == [2, 2, 2, 2]
    check_words(figure)


def test_a_picture_keeps_the_colours_of_the_drawing(study, tmp_path):
    """Few colours, and those that tell policies apart among them."""
    figures.png(study["plane"], tmp_path / "plane.png")
    with Image.open(tmp_path / "plane.png") as picture:
        found = np.array([colour for _, colour in picture.convert("RGB").getcolors()])
    for look in looks(SCENARIOS).values():
        wanted = np.array([int(look.colour[place : place + 2], 16) for place in (1, 3, 5)])
        assert np.abs(found - wanted).max(axis=1).min() <= 3, look
