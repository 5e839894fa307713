"""deploy/kubernetes: valid by the schemas of Kubernetes, and its parts fit each other."""

from __future__ import annotations

import re
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # says nothing of types
import pytest
import yaml

from parley.config import Config
from parley.web.serving import FINISH_SECONDS
from tests.deploy.fronts import DEPLOY

FOLDER = DEPLOY / "kubernetes"
FILES = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
ALL: dict[str, list[dict[str, Any]]] = {path.name: list(yaml.safe_load_all(path.read_text("utf-8"))) for path in FILES}
VERSIONS = ("1.29", kubernetes_validate.latest_version())


def found(kind: str, name: str = "parley") -> dict[str, Any]:
    """The one document of a kind and name."""
    (one,) = (each for each in everything() if (each["kind"], each["metadata"]["name"]) == (kind, name))
    return one


def everything() -> list[dict[str, Any]]:
    return [document for documents in ALL.values() for document in documents]


def pods() -> dict[str, dict[str, Any]]:
    """The templates of pods, by the name of what makes them."""
    made = {}
    for each in everything():
        spec = each["spec"]["jobTemplate"]["spec"] if each["kind"] == "CronJob" else each.get("spec", {})
        if "template" in spec:
            made[each["metadata"]["name"]] = spec["template"]
    return made


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ALL)
def test_documents_are_valid(name: str, version: str) -> None:
    assert ALL[name]
    for document in ALL[name]:
        kubernetes_validate.validate(document, version, strict=True)


def test_a_wrong_word_would_be_noticed() -> None:
    wrong = {**found("Service"), "spec": {**found("Service")["spec"], "selectr": {}}}
    with pytest.raises(kubernetes_validate.ValidationError, match="selectr"):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_all_files_are_applied_or_said_to_be_a_choice() -> None:
    text = (FOLDER / "kustomization.yaml").read_text("utf-8")
    applied = yaml.safe_load(text)
    choices = set(re.findall(r"^  # - (\S+)$", text, re.M))
    assert choices == {"janus.yaml"}
    assert set(applied["resources"]) | choices | {"secret.example.yaml"} == set(ALL)
    images = {
        container["image"].partition(":")[0] for pod in pods().values() for container in pod["spec"]["containers"]
    }
    assert {each["name"] for each in applied["images"]} == images


def test_settings_are_those_of_the_server_and_can_be_used() -> None:
    text = (FOLDER / "config.yaml").read_text("utf-8")
    named = set(re.findall(r"^  (?:# )?PARLEY_([A-Z_]+?)(?:_FILE)?:", text, re.M))
    assert named
    assert [name for name in sorted(named) if name.lower() not in Config.__struct_fields__] == []
    values = {name: value for name, value in found("ConfigMap")["data"].items() if not name.endswith("_FILE")}
    config = Config.load({}, {**values, "PARLEY_ROOM_ADDRESS": "10.1.2.3:7100-7110"})
    assert (config.metrics_from, config.trust_proxy) == ("local", True)


def test_secrets_that_are_named_are_in_the_secret() -> None:
    keys = set(found("Secret")["stringData"])
    text = "\n".join(path.read_text("utf-8") for path in FILES)
    named = set(re.findall(r"/run/secrets/parley/([a-z-]+)", text))
    assert named == keys


@pytest.mark.parametrize("name", pods())
def test_pods_keep_to_the_restricted_standard(name: str) -> None:
    spec = pods()[name]["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    mounts = {each["name"] for each in spec["volumes"]}
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} == set(container["resources"]["limits"]) == set(container["resources"]["requests"])
        assert {each["name"] for each in container["volumeMounts"]} == mounts
    # Browsers send media straight to the node; nothing else has its network.
    assert spec.get("hostNetwork", False) == (name == "janus")


def test_selectors_find_the_servers_only() -> None:
    labels = {name: pod["metadata"]["labels"].items() for name, pod in pods().items()}
    for selector in (
        found("Deployment")["spec"]["selector"]["matchLabels"],
        found("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        found("Service")["spec"]["selector"],
    ):
        assert [name for name, own in labels.items() if selector.items() <= own] == ["parley"]
    assert found("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == "parley"


def test_servers_are_replaced_without_a_gap_and_end_in_time() -> None:
    deployment = found("Deployment")
    assert deployment["spec"]["replicas"] >= 2
    assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    spec = deployment["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    ready = container["readinessProbe"]
    assert ready["httpGet"]["path"] == "/readyz"
    drain = float(found("ConfigMap")["data"]["PARLEY_DRAIN_SECONDS"])
    assert drain > ready["periodSeconds"] * ready["failureThreshold"]
    assert spec["terminationGracePeriodSeconds"] >= drain + FINISH_SECONDS + 40
    assert found("HorizontalPodAutoscaler")["spec"]["minReplicas"] >= 2
    assert found("PodDisruptionBudget")["spec"]["minAvailable"] == 1


def test_ports_are_the_same_everywhere() -> None:
    (container,) = found("Deployment")["spec"]["template"]["spec"]["containers"]
    assert {each["name"]: each["containerPort"] for each in container["ports"]} == {"http": 8080, "rooms": 7100}
    (room,) = (each["value"] for each in container["env"] if each["name"] == "PARLEY_ROOM_ADDRESS")
    assert room == "$(POD_IP):7100-7110"
    policy = found("NetworkPolicy")["spec"]
    web, rooms = policy["ingress"]
    assert [each["port"] for each in web["ports"]] == [8080]
    assert [(each["port"], each["endPort"]) for each in rooms["ports"]] == [(7100, 7110)]
    backend = found("Ingress")["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "parley", "port": {"name": "http"}}
