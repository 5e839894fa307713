"""Tests in the interchange format IMS QTI 1.2, as far as trainings use it (.../service/trainingsessionqtiasi)."""

from __future__ import annotations

from parley.contract import schemas
from parley.protocol.declare import Record, attribute, content, integer, many, record, rows, string

SCHEMA = schemas.QTIASI


class QticommentType(Record):
    """A remark on a part of the test."""

    text: str | None = content(exact=True)


class MattextType(Record):
    """Text of a question or answer."""

    text: str | None = content(exact=True)


class MaterialType(Record):
    """Material that is shown."""

    mattext: MattextType | None = record("mattext", MattextType, required=True)


class FlowMatType(Record, name="flow_matType"):
    """Material in a block."""

    material: MaterialType | None = record("material", MaterialType, required=True)


class ResponseLabelType(Record, name="response_labelType"):
    """One answer that can be given."""

    text: str | None = content(mixed=True, exact=True)
    flow_mat: FlowMatType | None = record("flow_mat", FlowMatType)
    ident: str | None = attribute(string("ident", required=True))


class RenderChoiceType(Record, name="render_choiceType"):
    """Answers shown as choices."""

    response_label: list[ResponseLabelType] = many(record("response_label", ResponseLabelType), least=1)
    minnumber: int | None = attribute(integer("minnumber", low=0, high=99))
    maxnumber: int | None = attribute(integer("maxnumber", low=1, high=99))


class ResponseLidType(Record, name="response_lidType"):
    """A question answered by choosing."""

    render_choice: RenderChoiceType | None = record("render_choice", RenderChoiceType, required=True)
    ident: str | None = attribute(string("ident", required=True))
    rcardinality: str | None = attribute(
        string("rcardinality", default="Single", values=("Single", "Multiple", "Ordered", "Extension"), token=True)
    )


class RenderFibType(Record, name="render_fibType"):
    """Answers shown as blanks to fill in."""

    response_label: ResponseLabelType | None = record("response_label", ResponseLabelType, required=True)
    fibtype: str | None = attribute(
        string(
            "fibtype",
            default="String",
            values=("String", "Integer", "Decimal", "Scientific", "Boolean"),
            token=True,
        )
    )
    prompt: str | None = attribute(
        string("prompt", default="Box", values=("Box", "Dashline", "Asterisk", "Underline"), token=True)
    )
    maxchars: int | None = attribute(integer("maxchars"))


class ResponseStrType(Record, name="response_strType"):
    """A question answered by text."""

    render_fib: RenderFibType | None = record("render_fib", RenderFibType, required=True)
    ident: str | None = attribute(string("ident", required=True))
    rcardinality: str | None = attribute(
        string("rcardinality", default="Single", values=("Single", "Multiple", "Ordered", "Extension"), token=True)
    )


class FlowType(Record):
    """What a question shows and asks."""

    material: list[MaterialType] = many(record("material", MaterialType), least=1)
    response_lid: list[ResponseLidType] = many(record("response_lid", ResponseLidType))
    response_str: list[ResponseStrType] = many(record("response_str", ResponseStrType))


class PresentationType(Record):
    """Presentation of a question."""

    flow: FlowType | None = record("flow", FlowType, required=True)


class DecvarType(Record):
    """Declaration of the score variable."""

    text: str | None = content(exact=True)
    vartype: str | None = attribute(
        string(
            "vartype",
            default="Integer",
            values=("Integer", "String", "Decimal", "Boolean", "Enumerated"),
            token=True,
        )
    )
    minvalue: int | None = attribute(integer("minvalue"))
    maxvalue: int | None = attribute(integer("maxvalue"))


class InterpretvarType(Record):
    """How the score is to be understood."""

    material: MaterialType | None = record("material", MaterialType, required=True)


class OutcomesType(Record):
    """What answering a question leads to."""

    decvar: DecvarType | None = record("decvar", DecvarType, required=True)
    interpretvar: InterpretvarType | None = record("interpretvar", InterpretvarType)


class VarequalType(Record):
    """Condition: the answer equals this."""

    text: str | None = content(exact=True)
    respident: str | None = attribute(string("respident", required=True))


class OrType(Record):
    """Condition: one of these; each row is one of them."""

    not_: NotType | None = record("not", "NotType", required=True, choice=True)
    and_: list[AndType] = rows(record("and", "AndType", required=True, choice=True))
    or_: list[OrType] = rows(record("or", "OrType", required=True, choice=True))
    varequal: VarequalType | None = record("varequal", VarequalType, required=True, choice=True)


class AndType(Record):
    """Condition: all of these; each row is one of them."""

    not_: NotType | None = record("not", "NotType", required=True, choice=True)
    and_: list[AndType] = rows(record("and", "AndType", required=True, choice=True))
    or_: list[OrType] = rows(record("or", OrType, required=True, choice=True))
    varequal: VarequalType | None = record("varequal", VarequalType, required=True, choice=True)


class NotType(Record):
    """Condition: not this."""

    varequal: VarequalType | None = record("varequal", VarequalType, required=True, choice=True)
    and_: list[AndType] = rows(record("and", AndType, required=True, choice=True))


class ConditionvarType(Record):
    """When a response rule holds: all of these; each row is one of them."""

    not_: NotType | None = record("not", NotType, required=True, choice=True)
    varequal: VarequalType | None = record("varequal", VarequalType, required=True, choice=True)


class SetvarType(Record):
    """What a response rule does to the score."""

    text: str | None = content(exact=True)
    action: str | None = attribute(string("action", default="Set", values=("Set", "Add"), token=True))


class DisplayfeedbackType(Record):
    """Feedback that a response rule shows."""

    text: str | None = content(exact=True)
    feedbacktype: str | None = attribute(
        string("feedbacktype", default="Response", values=("Response", "Solution", "Hint"), token=True)
    )
    linkrefid: str | None = attribute(string("linkrefid", required=True))


class RespconditionType(Record):
    """A rule for scoring a response."""

    conditionvar: list[ConditionvarType] = rows(record("conditionvar", ConditionvarType, required=True))
    setvar: SetvarType | None = record("setvar", SetvarType, required=True)
    displayfeedback: DisplayfeedbackType | None = record("displayfeedback", DisplayfeedbackType)


class ResprocessingType(Record):
    """How responses are scored."""

    outcomes: OutcomesType | None = record("outcomes", OutcomesType, required=True)
    respcondition: list[RespconditionType] = many(record("respcondition", RespconditionType))
    scoremodel: str | None = attribute(string("scoremodel"))


class ItemfeedbackType(Record):
    """Feedback that can be shown."""

    flow_mat: FlowMatType | None = record("flow_mat", FlowMatType, required=True)
    ident: str | None = attribute(string("ident", required=True))
    view: str | None = attribute(
        string(
            "view",
            default="All",
            values=(
                "All",
                "Administrator",
                "AdminAuthority",
                "Assessor",
                "Author",
                "Candidate",
                "InvigilatorProctor",
                "Psychometrician",
                "Scorer",
                "Tutor",
            ),
            token=True,
        )
    )


class ItemType(Record):
    """One question of a test."""

    presentation: PresentationType | None = record("presentation", PresentationType, required=True)
    resprocessing: list[ResprocessingType] = many(record("resprocessing", ResprocessingType))
    itemfeedback: list[ItemfeedbackType] = many(record("itemfeedback", ItemfeedbackType))
    qticomment: QticommentType | None = record("qticomment", QticommentType)
    ident: str | None = attribute(string("ident", required=True))


class SectionType(Record):
    """The questions of a test."""

    item: list[ItemType] = many(record("item", ItemType), least=1)
    ident: str | None = attribute(string("ident", required=True))


class AssessmentType(Record):
    """A test."""

    qticomment: QticommentType | None = record("qticomment", QticommentType)
    duration: str | None = string("duration")
    section: SectionType | None = record("section", SectionType, required=True)
    ident: int | None = attribute(integer("ident", default="0"))
    title: str | None = attribute(string("title"))


class QuestestinteropType(Record):
    """A test in the interchange format IMS QTI 1.2."""

    assessment: AssessmentType | None = record("assessment", AssessmentType, required=True)
