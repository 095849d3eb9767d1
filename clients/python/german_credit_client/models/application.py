from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.application_checking_account import ApplicationCheckingAccount
from ..models.application_credit_history import ApplicationCreditHistory
from ..models.application_employment_since import ApplicationEmploymentSince
from ..models.application_housing_type_0 import ApplicationHousingType0
from ..models.application_job_type_0 import ApplicationJobType0
from ..models.application_other_debtors_type_0 import ApplicationOtherDebtorsType0
from ..models.application_other_instalment_plans_type_0 import ApplicationOtherInstalmentPlansType0
from ..models.application_property_type_0 import ApplicationPropertyType0
from ..models.application_purpose import ApplicationPurpose
from ..models.application_savings import ApplicationSavings
from ..models.application_telephone_type_0 import ApplicationTelephoneType0
from ..types import UNSET, Unset

T = TypeVar("T", bound="Application")


@_attrs_define
class Application:
    """The application, by column. Protected attributes are refused: personal_status_sex, foreign_worker. A reduced
    application with the required fields alone is accepted where the model can bear missing values; `missing_inputs` of
    the answer lists what was missing. No feature reads what is marked `x-used: false`: leave it out; it is checked when
    it comes, and not kept.

    Attributes:
            checking_account (ApplicationCheckingAccount): Balance of the applicant's current account with this bank, or
                that there is no such account.
            duration_months (int): Agreed length of the loan. Unit: months.
            credit_history (ApplicationCreditHistory): How the applicant repaid credit so far, here and elsewhere.
            purpose (ApplicationPurpose): What the loan is to pay for.
            amount (int): Amount of the loan. Unit: DM.
            savings (ApplicationSavings): Savings and bonds that the bank knows of.
            employment_since (ApplicationEmploymentSince): Time spent with the present employer.
            instalment_rate (int | None | Unset): Instalment as a share of disposable income, in four classes (see the
                README beside the file). Unit: class 1 to 4.
            other_debtors (ApplicationOtherDebtorsType0 | None | Unset): Someone who also answers for the loan.
            residence_since (int | None | Unset): Time at the present address, in four classes from short to long. Unit:
                class 1 to 4.
            property_ (ApplicationPropertyType0 | None | Unset): The most valuable thing the applicant owns, real estate
                first.
            age_years (int | None | Unset): Age of the applicant, for the audit; no feature reads it. Unit: years.
            other_instalment_plans (ApplicationOtherInstalmentPlansType0 | None | Unset): Instalments the applicant pays to
                others.
            housing (ApplicationHousingType0 | None | Unset): Whether the applicant rents, owns, or lives free of charge.
            existing_credits (int | None | Unset): Credits the applicant has or had with this bank, this one included, in
                four classes. Unit: class 1 to 4.
            job (ApplicationJobType0 | None | Unset): Qualification of the applicant's work.
            dependants (int | None | Unset): People the applicant has to maintain, in two classes. Unit: class 1 to 2.
            telephone (ApplicationTelephoneType0 | None | Unset): Whether a telephone line is registered in the applicant's
                name.
    """

    checking_account: ApplicationCheckingAccount
    duration_months: int
    credit_history: ApplicationCreditHistory
    purpose: ApplicationPurpose
    amount: int
    savings: ApplicationSavings
    employment_since: ApplicationEmploymentSince
    instalment_rate: int | Unset | None = UNSET
    other_debtors: ApplicationOtherDebtorsType0 | Unset | None = UNSET
    residence_since: int | Unset | None = UNSET
    property_: ApplicationPropertyType0 | Unset | None = UNSET
    age_years: int | Unset | None = UNSET
    other_instalment_plans: ApplicationOtherInstalmentPlansType0 | Unset | None = UNSET
    housing: ApplicationHousingType0 | Unset | None = UNSET
    existing_credits: int | Unset | None = UNSET
    job: ApplicationJobType0 | Unset | None = UNSET
    dependants: int | Unset | None = UNSET
    telephone: ApplicationTelephoneType0 | Unset | None = UNSET

    def to_dict(self) -> dict[str, Any]:
        checking_account = self.checking_account.value

        duration_months = self.duration_months

        credit_history = self.credit_history.value

        purpose = self.purpose.value

        amount = self.amount

        savings = self.savings.value

        employment_since = self.employment_since.value

        instalment_rate: int | Unset | None
        if isinstance(self.instalment_rate, Unset):
            instalment_rate = UNSET
        else:
            instalment_rate = self.instalment_rate

        other_debtors: str | Unset | None
        if isinstance(self.other_debtors, Unset):
            other_debtors = UNSET
        elif isinstance(self.other_debtors, ApplicationOtherDebtorsType0):
            other_debtors = self.other_debtors.value
        else:
            other_debtors = self.other_debtors

        residence_since: int | Unset | None
        if isinstance(self.residence_since, Unset):
            residence_since = UNSET
        else:
            residence_since = self.residence_since

        property_: str | Unset | None
        if isinstance(self.property_, Unset):
            property_ = UNSET
        elif isinstance(self.property_, ApplicationPropertyType0):
            property_ = self.property_.value
        else:
            property_ = self.property_

        age_years: int | Unset | None
        if isinstance(self.age_years, Unset):
            age_years = UNSET
        else:
            age_years = self.age_years

        other_instalment_plans: str | Unset | None
        if isinstance(self.other_instalment_plans, Unset):
            other_instalment_plans = UNSET
        elif isinstance(self.other_instalment_plans, ApplicationOtherInstalmentPlansType0):
            other_instalment_plans = self.other_instalment_plans.value
        else:
            other_instalment_plans = self.other_instalment_plans

        housing: str | Unset | None
        if isinstance(self.housing, Unset):
            housing = UNSET
        elif isinstance(self.housing, ApplicationHousingType0):
            housing = self.housing.value
        else:
            housing = self.housing

        existing_credits: int | Unset | None
        if isinstance(self.existing_credits, Unset):
            existing_credits = UNSET
        else:
            existing_credits = self.existing_credits

        job: str | Unset | None
        if isinstance(self.job, Unset):
            job = UNSET
        elif isinstance(self.job, ApplicationJobType0):
            job = self.job.value
        else:
            job = self.job

        dependants: int | Unset | None
        if isinstance(self.dependants, Unset):
            dependants = UNSET
        else:
            dependants = self.dependants

        telephone: str | Unset | None
        if isinstance(self.telephone, Unset):
            telephone = UNSET
        elif isinstance(self.telephone, ApplicationTelephoneType0):
            telephone = self.telephone.value
        else:
            telephone = self.telephone

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "checking_account": checking_account,
                "duration_months": duration_months,
                "credit_history": credit_history,
                "purpose": purpose,
                "amount": amount,
                "savings": savings,
                "employment_since": employment_since,
            }
        )
        if instalment_rate is not UNSET:
            field_dict["instalment_rate"] = instalment_rate
        if other_debtors is not UNSET:
            field_dict["other_debtors"] = other_debtors
        if residence_since is not UNSET:
            field_dict["residence_since"] = residence_since
        if property_ is not UNSET:
            field_dict["property"] = property_
        if age_years is not UNSET:
            field_dict["age_years"] = age_years
        if other_instalment_plans is not UNSET:
            field_dict["other_instalment_plans"] = other_instalment_plans
        if housing is not UNSET:
            field_dict["housing"] = housing
        if existing_credits is not UNSET:
            field_dict["existing_credits"] = existing_credits
        if job is not UNSET:
            field_dict["job"] = job
        if dependants is not UNSET:
            field_dict["dependants"] = dependants
        if telephone is not UNSET:
            field_dict["telephone"] = telephone

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        checking_account = ApplicationCheckingAccount(d.pop("checking_account"))

        duration_months = d.pop("duration_months")

        credit_history = ApplicationCreditHistory(d.pop("credit_history"))

        purpose = ApplicationPurpose(d.pop("purpose"))

        amount = d.pop("amount")

        savings = ApplicationSavings(d.pop("savings"))

        employment_since = ApplicationEmploymentSince(d.pop("employment_since"))

        def _parse_instalment_rate(data: object) -> int | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("int | None | Unset", data)

        instalment_rate = _parse_instalment_rate(d.pop("instalment_rate", UNSET))

        def _parse_other_debtors(data: object) -> ApplicationOtherDebtorsType0 | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                other_debtors_type_0 = ApplicationOtherDebtorsType0(data)

                return other_debtors_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("ApplicationOtherDebtorsType0 | None | Unset", data)

        other_debtors = _parse_other_debtors(d.pop("other_debtors", UNSET))

        def _parse_residence_since(data: object) -> int | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("int | None | Unset", data)

        residence_since = _parse_residence_since(d.pop("residence_since", UNSET))

        def _parse_property_(data: object) -> ApplicationPropertyType0 | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                property_type_0 = ApplicationPropertyType0(data)

                return property_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("ApplicationPropertyType0 | None | Unset", data)

        property_ = _parse_property_(d.pop("property", UNSET))

        def _parse_age_years(data: object) -> int | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("int | None | Unset", data)

        age_years = _parse_age_years(d.pop("age_years", UNSET))

        def _parse_other_instalment_plans(data: object) -> ApplicationOtherInstalmentPlansType0 | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                other_instalment_plans_type_0 = ApplicationOtherInstalmentPlansType0(data)

                return other_instalment_plans_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("ApplicationOtherInstalmentPlansType0 | None | Unset", data)

        other_instalment_plans = _parse_other_instalment_plans(d.pop("other_instalment_plans", UNSET))

        def _parse_housing(data: object) -> ApplicationHousingType0 | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                housing_type_0 = ApplicationHousingType0(data)

                return housing_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("ApplicationHousingType0 | None | Unset", data)

        housing = _parse_housing(d.pop("housing", UNSET))

        def _parse_existing_credits(data: object) -> int | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("int | None | Unset", data)

        existing_credits = _parse_existing_credits(d.pop("existing_credits", UNSET))

        def _parse_job(data: object) -> ApplicationJobType0 | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                job_type_0 = ApplicationJobType0(data)

                return job_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("ApplicationJobType0 | None | Unset", data)

        job = _parse_job(d.pop("job", UNSET))

        def _parse_dependants(data: object) -> int | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("int | None | Unset", data)

        dependants = _parse_dependants(d.pop("dependants", UNSET))

        def _parse_telephone(data: object) -> ApplicationTelephoneType0 | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                telephone_type_0 = ApplicationTelephoneType0(data)

                return telephone_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("ApplicationTelephoneType0 | None | Unset", data)

        telephone = _parse_telephone(d.pop("telephone", UNSET))

        application = cls(
            checking_account=checking_account,
            duration_months=duration_months,
            credit_history=credit_history,
            purpose=purpose,
            amount=amount,
            savings=savings,
            employment_since=employment_since,
            instalment_rate=instalment_rate,
            other_debtors=other_debtors,
            residence_since=residence_since,
            property_=property_,
            age_years=age_years,
            other_instalment_plans=other_instalment_plans,
            housing=housing,
            existing_credits=existing_credits,
            job=job,
            dependants=dependants,
            telephone=telephone,
        )

        return application
