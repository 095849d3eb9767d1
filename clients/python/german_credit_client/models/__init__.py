"""Contains all the data models used in inputs/outputs"""

from .application import Application
from .application_checking_account import ApplicationCheckingAccount
from .application_credit_history import ApplicationCreditHistory
from .application_employment_since import ApplicationEmploymentSince
from .application_housing_type_0 import ApplicationHousingType0
from .application_job_type_0 import ApplicationJobType0
from .application_other_debtors_type_0 import ApplicationOtherDebtorsType0
from .application_other_instalment_plans_type_0 import ApplicationOtherInstalmentPlansType0
from .application_property_type_0 import ApplicationPropertyType0
from .application_purpose import ApplicationPurpose
from .application_savings import ApplicationSavings
from .application_telephone_type_0 import ApplicationTelephoneType0
from .batch_answer import BatchAnswer
from .batch_answer_results_item_type_0 import BatchAnswerResultsItemType0
from .batch_answer_results_item_type_1 import BatchAnswerResultsItemType1
from .batch_answer_results_item_type_1_error import BatchAnswerResultsItemType1Error
from .batch_answer_results_item_type_1_error_code import BatchAnswerResultsItemType1ErrorCode
from .decision import Decision
from .decision_data_used import DecisionDataUsed
from .decision_decision import DecisionDecision
from .decision_histories import DecisionHistories
from .decision_model import DecisionModel
from .decision_reasons_item import DecisionReasonsItem
from .decision_reasons_item_code import DecisionReasonsItemCode
from .decision_rights_type_0 import DecisionRightsType0
from .decision_rights_type_0_contact import DecisionRightsType0Contact
from .error import Error
from .error_error import ErrorError
from .error_error_code import ErrorErrorCode
from .explanation import Explanation
from .explanation_contributions_item import ExplanationContributionsItem
from .explanation_counterfactuals_item import ExplanationCounterfactualsItem
from .explanation_counterfactuals_item_changes_item import ExplanationCounterfactualsItemChangesItem
from .explanation_data_used import ExplanationDataUsed
from .explanation_decision import ExplanationDecision
from .explanation_histories import ExplanationHistories
from .explanation_model import ExplanationModel
from .explanation_reasons_item import ExplanationReasonsItem
from .explanation_reasons_item_code import ExplanationReasonsItemCode
from .explanation_rights_type_0 import ExplanationRightsType0
from .explanation_rights_type_0_contact import ExplanationRightsType0Contact
from .explanation_waterfall_item import ExplanationWaterfallItem
from .health import Health
from .health_status import HealthStatus
from .histories_type_0 import HistoriesType0
from .model_info import ModelInfo
from .model_info_data_versions import ModelInfoDataVersions
from .model_info_features_item import ModelInfoFeaturesItem
from .model_info_metadata import ModelInfoMetadata
from .model_info_provenance import ModelInfoProvenance
from .model_info_stored_histories_type_0 import ModelInfoStoredHistoriesType0
from .model_info_training_metrics import ModelInfoTrainingMetrics
from .predict_request import PredictRequest
from .predict_request_language import PredictRequestLanguage

__all__ = (
    "Application",
    "ApplicationCheckingAccount",
    "ApplicationCreditHistory",
    "ApplicationEmploymentSince",
    "ApplicationHousingType0",
    "ApplicationJobType0",
    "ApplicationOtherDebtorsType0",
    "ApplicationOtherInstalmentPlansType0",
    "ApplicationPropertyType0",
    "ApplicationPurpose",
    "ApplicationSavings",
    "ApplicationTelephoneType0",
    "BatchAnswer",
    "BatchAnswerResultsItemType0",
    "BatchAnswerResultsItemType1",
    "BatchAnswerResultsItemType1Error",
    "BatchAnswerResultsItemType1ErrorCode",
    "Decision",
    "DecisionDataUsed",
    "DecisionDecision",
    "DecisionHistories",
    "DecisionModel",
    "DecisionReasonsItem",
    "DecisionReasonsItemCode",
    "DecisionRightsType0",
    "DecisionRightsType0Contact",
    "Error",
    "ErrorError",
    "ErrorErrorCode",
    "Explanation",
    "ExplanationContributionsItem",
    "ExplanationCounterfactualsItem",
    "ExplanationCounterfactualsItemChangesItem",
    "ExplanationDataUsed",
    "ExplanationDecision",
    "ExplanationHistories",
    "ExplanationModel",
    "ExplanationReasonsItem",
    "ExplanationReasonsItemCode",
    "ExplanationRightsType0",
    "ExplanationRightsType0Contact",
    "ExplanationWaterfallItem",
    "Health",
    "HealthStatus",
    "HistoriesType0",
    "ModelInfo",
    "ModelInfoDataVersions",
    "ModelInfoFeaturesItem",
    "ModelInfoMetadata",
    "ModelInfoProvenance",
    "ModelInfoStoredHistoriesType0",
    "ModelInfoTrainingMetrics",
    "PredictRequest",
    "PredictRequestLanguage",
)
