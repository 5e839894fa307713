"""Test results in the format IMS QTI 1.2, as far as trainings use it (namespace .../service/trainingsessionqti)."""

from __future__ import annotations

from parley.contract import schemas
from parley.protocol.declare import Record, attribute, content, integer, many, record, string

SCHEMA = schemas.QTIRES


class TypeLabelType(Record, name="type_labelType"):
    """Label of a kind of value."""

    text: str | None = content()


class GenericIdentifierType(Record, name="generic_identifierType"):
    """A way in which the person is identified."""

    type_label: TypeLabelType | None = record("type_label", TypeLabelType, required=True)
    identifier_string: str | None = string("identifier_string", required=True)


class ContextType(Record):
    """Whose result it is."""

    name: str | None = string("name", required=True, max_length=256)
    generic_identifier: GenericIdentifierType | None = record(
        "generic_identifier", GenericIdentifierType, required=True
    )


class AsiMetadatafieldAssessmentResultType(Record, name="asi_metadatafield_assessment_resultType"):
    """A named value about the test."""

    field_name: str | None = string("field_name", required=True, max_length=256)
    field_value: str | None = string("field_value", required=True, max_length=256)


class AsiMetadataAssessmentResultType(Record, name="asi_metadata_assessment_resultType"):
    """Values about the test."""

    asi_metadatafield: AsiMetadatafieldAssessmentResultType | None = record(
        "asi_metadatafield", AsiMetadatafieldAssessmentResultType, required=True
    )


class AsiDescriptionType(Record, name="asi_descriptionType"):
    """Description of the test."""

    text: str | None = content()


class DateType(Record):
    """A point in time and what it stands for."""

    type_label: TypeLabelType | None = record("type_label", TypeLabelType, required=True)
    datetime: str | None = string("datetime", required=True)


class ScoreAssessmentResultOutcomesType(Record, name="score_assessment_result_outcomesType"):
    """Score of the whole test."""

    score_value: int | None = integer("score_value", required=True)
    score_min: int | None = integer("score_min", required=True)
    score_max: int | None = integer("score_max", required=True)
    varname: str | None = attribute(string("varname", default="SCORE"))
    vartype: str | None = attribute(
        string("vartype", default="Integer", values=("Integer", "Decimal", "String"), token=True)
    )


class GradeType(Record):
    """Grade of the whole test."""

    grade_value: str | None = string("grade_value", required=True, max_length=64)
    varname: str | None = attribute(string("varname", default="GRADE", max_length=256))
    members: str | None = attribute(string("members", max_length=2048))


class OutcomesAssessmentResultType(Record, name="outcomes_assessment_resultType"):
    """Score and grade of the whole test."""

    score: ScoreAssessmentResultOutcomesType | None = record("score", ScoreAssessmentResultOutcomesType, required=True)
    grade: GradeType | None = record("grade", GradeType)


class AsiMetadatafieldItemResultType(Record, name="asi_metadatafield_item_resultType"):
    """A named value about a question."""

    field_name: str | None = string("field_name", required=True, max_length=256)
    field_value: str | None = string("field_value", required=True, max_length=256)


class AsiMetadataItemResultType(Record, name="asi_metadata_item_resultType"):
    """Values about a question."""

    asi_metadatafield: AsiMetadatafieldItemResultType | None = record(
        "asi_metadatafield", AsiMetadatafieldItemResultType, required=True
    )


class CorrectResponseType(Record, name="correct_responseType"):
    """A correct answer."""

    text: str | None = content()


class ResponseFormType(Record, name="response_formType"):
    """Form of the answer, and which are correct."""

    correct_response: list[CorrectResponseType] = many(record("correct_response", CorrectResponseType), least=1)
    cardinality: str | None = attribute(
        string("cardinality", default="single", values=("single", "multiple", "ordered", "extension"), token=True)
    )
    response_type: str | None = attribute(
        string("response_type", default="lid", values=("lid", "xy", "str", "num", "grp", "extension"), token=True)
    )
    render_type: str | None = attribute(
        string("render_type", default="choice", values=("choice", "hotspot", "slider", "fib", "extension"), token=True)
    )


class ResponseValueType(Record, name="response_valueType"):
    """An answer that was given."""

    text: str | None = content()
    response_status: str | None = attribute(
        string("response_status", default="Valid", values=("Null", "Valid", "NA", "Invalid"), token=True)
    )


class ResponseType(Record):
    """The response to a question."""

    response_form: ResponseFormType | None = record("response_form", ResponseFormType, required=True)
    response_value: list[ResponseValueType] = many(record("response_value", ResponseValueType), least=1)
    ident_ref: str | None = attribute(string("ident_ref"))


class ScoreItemResultOutcomesType(Record, name="score_item_result_outcomesType"):
    """Score of a question."""

    score_value: int | None = integer("score_value", required=True)
    score_interpretation: str | None = string("score_interpretation", required=True, max_length=2048)
    score_min: int | None = integer("score_min", required=True)
    score_max: int | None = integer("score_max", required=True)
    varname: str | None = attribute(string("varname", default="SCORE"))
    vartype: str | None = attribute(
        string("vartype", default="Integer", values=("Integer", "Decimal", "String"), token=True)
    )


class OutcomesItemResultType(Record, name="outcomes_item_resultType"):
    """What the response to a question led to."""

    score: ScoreItemResultOutcomesType | None = record("score", ScoreItemResultOutcomesType, required=True)


class FeedbackDisplayedType(Record, name="feedback_displayedType"):
    """Feedback that was shown."""

    text: str | None = content()
    ident: str | None = attribute(string("ident"))


class ItemResultType(Record, name="item_resultType"):
    """Result of one question."""

    asi_metadata: AsiMetadataItemResultType | None = record("asi_metadata", AsiMetadataItemResultType)
    response: list[ResponseType] = many(record("response", ResponseType), least=1)
    outcomes: OutcomesItemResultType | None = record("outcomes", OutcomesItemResultType, required=True)
    feedback_displayed: FeedbackDisplayedType | None = record("feedback_displayed", FeedbackDisplayedType)


class SectionResultType(Record, name="section_resultType"):
    """Results of the questions."""

    item_result: list[ItemResultType] = many(record("item_result", ItemResultType), least=1)


class AssessmentResultType(Record, name="assessment_resultType"):
    """Result of a test."""

    asi_metadata: AsiMetadataAssessmentResultType | None = record("asi_metadata", AsiMetadataAssessmentResultType)
    asi_description: AsiDescriptionType | None = record("asi_description", AsiDescriptionType)
    date: DateType | None = record("date", DateType, required=True)
    duration: str | None = string("duration", required=True)
    outcomes: OutcomesAssessmentResultType | None = record("outcomes", OutcomesAssessmentResultType, required=True)
    num_sections: str | None = string("num_sections", required=True)
    section_result: SectionResultType | None = record("section_result", SectionResultType, required=True)
    asi_title: str | None = attribute(string("asi_title"))
    ident_ref: int | None = attribute(integer("ident_ref"))


class ResultType(Record):
    """One result."""

    context: ContextType | None = record("context", ContextType, required=True)
    assessment_result: AssessmentResultType | None = record("assessment_result", AssessmentResultType, required=True)


class QtiResultReportType(Record, name="qti_result_reportType"):
    """A test result in the interchange format IMS QTI 1.2."""

    result: ResultType | None = record("result", ResultType, required=True)
