"""Settings of the console.

What is here: `ConsoleSettings`, read from `CREDIT_PLATFORM_CONSOLE_*` by `console_settings`, and the services that
follow from it.
What to add here: what whoever runs the console may want to choose.
What must not be here: what the platform's other parts need as well (`credit_platform.settings`).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from credit_platform.errors import SettingError
from credit_platform.serving.running_services import ServiceAccess, running_services
from credit_platform.serving.service_client import named_service
from credit_platform.settings import Settings


class ConsoleSettings(BaseSettings):
    """Settings of one console."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_PLATFORM_CONSOLE_", frozen=True, use_attribute_docstrings=True)

    service: str | None = None
    """Address of the scoring service, as `http://host:3001`. Default: the services that `credit-platform up` runs."""

    api_key: SecretStr | None = None
    """API key with the scopes score and explain. Default: the key of the services that `up` runs."""

    sign_in: bool = False
    """Whether each person signs in with an API key of their own, by which decisions, exports and letters name them. On
    where several people use one console; off, everybody acts with the console's key."""

    lender: str = Field(default="Prêt à dépenser", min_length=1, max_length=120)
    """Name of the lender, at the head of letters."""

    refresh_seconds: int = Field(default=60, ge=0, le=86_400)
    """Interval in seconds at which the page Monitoring refreshes itself, until another is chosen there; 0: never."""

    language: Literal["fr", "en"] | None = None
    """Language of a new visit. Default: French for browsers that ask for it, else English."""


def console_settings() -> ConsoleSettings:
    """Settings of this console, from the environment.

    Raises:
        SettingError: a variable cannot be used.
    """
    try:
        return ConsoleSettings()
    except ValidationError as error:
        prefix = str(ConsoleSettings.model_config["env_prefix"])
        wrong = (f"{prefix}{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}." for one in error.errors())
        raise SettingError(" ".join(wrong), "Mend the variable, or remove it, and start the console again.") from None


def service_address(console: ConsoleSettings, settings: Settings) -> str | None:
    """Where a key is tried when somebody signs in: any service will do, they share their keys; None when none runs.

    Raises:
        ServiceError: the file of running services is not one of ours.
    """
    if console.service is not None:
        return console.service.rstrip("/")
    return next((service.url for service in running_services(settings)), None)


def known_services(console: ConsoleSettings, settings: Settings, own: str | None = None) -> list[ServiceAccess]:
    """Services that the console may ask, with the key `own` of whoever signed in, else with the console's.

    Raises:
        ServiceError: the service that is named does not answer, or refuses the key.
    """
    key = own or (None if console.api_key is None else console.api_key.get_secret_value())
    if console.service is None:
        return [
            ServiceAccess(service.portfolio, service.url, key or service.key) for service in running_services(settings)
        ]
    return [named_service(console.service, key)]
