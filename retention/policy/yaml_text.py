"""Policies as YAML text and as a JSON schema; strict in both directions."""

import hashlib
import json
from functools import lru_cache
from typing import Any

import yaml
from pydantic import ValidationError

from retention.errors import PolicyError
from retention.policy.policy import Policy
from retention.policy.strict_yaml import load_strictly

LONGEST = 400
"""Characters of a fault that are shown."""
_PLAIN_WORDS = {"extra_forbidden": "unknown key", "missing": "is missing"}
_KINDS = {"baseline_conversion": ("share", "range"), "cuts": ("listed", "learned")}


@lru_cache(maxsize=64)
def policy_from_yaml(text: str, *, source: str = "policy") -> Policy:
    """Return the policy that a YAML text holds, the same one for the same text: nobody changes a policy.

    Raises:
        PolicyError: Not YAML, an unknown key, a tree that is not total; with the path in the file.
    """
    data = load_strictly(text, source, PolicyError, "policy file")
    if not isinstance(data, dict):
        raise PolicyError(
            "the file contains no policy", where=source, hint="A policy file starts with name:, title: and tree:"
        )
    try:
        # A file has one spelling for each field: `else`, and not the name that Python needs for it.
        return Policy.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise PolicyError(
            "; ".join(faults_of(error)), where=source, hint="docs/policies.md explains every field"
        ) from error


def faults_of(error: ValidationError, *, with_paths: bool = True) -> list[str]:
    """Return one line a fault: path in the file, then what is wrong."""
    lines = []
    for fault in error.errors(include_url=False, include_input=False)[:5]:
        loc = [str(step) for step in fault["loc"]]
        steps = [step for i, step in enumerate(loc) if not _is_tag(loc, i)]
        message = _PLAIN_WORDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
        line = f"{'.'.join(steps)}: {message}" if steps and with_paths else message
        lines.append(line if len(line) <= LONGEST else f"{line[:LONGEST]} ...")
    return lines


def _is_tag(loc: list[str], i: int) -> bool:
    """Whether a step names the kind of a value, which pydantic adds after what may be one of two kinds."""
    if i and loc[i - 1] in _KINDS:
        return loc[i] in _KINDS[loc[i - 1]]
    return loc[i] in ("split", "leaf") and (loc[:i] == ["tree"] or (i >= 2 and loc[i - 2] == "branches"))


def policy_to_yaml(policy: Policy) -> str:
    """Return YAML text from which `policy_from_yaml` makes an equal policy."""
    data = policy.model_dump(mode="json", by_alias=True, exclude_none=True)
    return _yaml_of(json.dumps(data))


@lru_cache(maxsize=64)
def _yaml_of(plain: str) -> str:
    # The order of branches is part of the meaning, so keys stay as they stand.
    return yaml.safe_dump(json.loads(plain), sort_keys=False, allow_unicode=True, width=110)


def policy_hash(policy: Policy) -> str:
    """Return the SHA-256 of a policy's canonical JSON: it changes if and only if the policy does.

    The order of branches is part of the meaning (lowest interval first), which `==` of two policies does
    not see; the order of every other mapping is not.
    """
    canonical = _with_branches_listed(policy.model_dump(mode="json", by_alias=True))
    return hashlib.sha256(json.dumps(canonical, sort_keys=True).encode()).hexdigest()


def _with_branches_listed(data: Any) -> Any:
    """Return a dump with its branches as lists of pairs, whose order survives sorted keys."""
    if not isinstance(data, dict):
        return data
    listed = {key: _with_branches_listed(value) for key, value in data.items()}
    if isinstance(data.get("branches"), dict) and "missing" in data:
        listed["branches"] = [[label, _with_branches_listed(node)] for label, node in data["branches"].items()]
    return listed


def policy_schema() -> dict[str, Any]:
    """Return the JSON schema of a policy file, for editors."""
    schema = Policy.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
