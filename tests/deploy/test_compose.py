"""deploy/compose.yaml: valid by the specification, complete, and no wider open than it has to be."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import compose_spec
import pytest
import yaml

from parley.config import Config
from tests.deploy.dockerfiles import stages_of
from tests.deploy.fronts import DEPLOY

TEXT = (DEPLOY / "compose.yaml").read_text("utf-8")
EXAMPLE = (DEPLOY / "env.example").read_text("utf-8")
SETTING = re.compile(r"^PARLEY_(?P<name>[A-Z_]+?)(?:_FILE)?$")


def example(text: str = EXAMPLE) -> dict[str, str]:
    """The variables that the example sets, also those that it only shows behind a mark."""
    return dict(re.findall(r'^(?:# )?([A-Z_]+)="?([^"\n]*)"?$', text, re.M))


def filled(read: Any, variables: dict[str, str]) -> Any:
    """What was read, with variables in the place of their names, as compose does it."""
    if isinstance(read, dict):
        return {name: filled(value, variables) for name, value in read.items()}
    if isinstance(read, list):
        return [filled(value, variables) for value in read]
    if not isinstance(read, str):
        return read

    def value(found: re.Match[str]) -> str:
        name, mark, other = found.groups()
        if variables.get(name):
            return variables[name]
        assert mark != ":?", f"{name}: {other}"
        return other or ""

    return re.sub(r"\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}", value, read)


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The file with the values of the example."""
    variables = {name: value for name, value in example().items() if re.search(rf"^{name}=", EXAMPLE, re.M)}
    read: dict[str, Any] = filled(yaml.safe_load(TEXT), variables)
    return read


@pytest.fixture(scope="module")
def services(project: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = project["services"]
    return found


def test_it_is_valid_by_the_specification(project: dict[str, Any]) -> None:
    checked = compose_spec.PyCompose.from_json(json.dumps(project))
    checked.validate()
    assert sorted(checked.service_names()) == sorted(project["services"])


def test_an_unknown_word_would_be_noticed(project: dict[str, Any]) -> None:
    wrong = {**project, "services": {**project["services"], "front": {"image": "caddy:2", "prots": ["80:80"]}}}
    with pytest.raises(ValueError, match="prots"):
        compose_spec.PyCompose.from_json(json.dumps(wrong))


def test_every_setting_is_one_of_the_server(services: dict[str, Any]) -> None:
    named = {name for each in ("parley-1", "parley-2", "migrate") for name in services[each]["environment"]}
    settings = {match["name"].lower() for name in named if (match := SETTING.match(name))}
    assert len(settings) == len(named)
    assert [name for name in sorted(settings) if name not in Config.__struct_fields__] == []


def test_the_settings_can_be_used(services: dict[str, Any], tmp_path: Path) -> None:
    """Those of the example, with secrets as `make-secrets` draws them."""
    made_secrets(tmp_path)
    environment = {
        name: value.replace("/run/secrets/", f"{tmp_path}/secrets/")
        for name, value in services["parley-1"]["environment"].items()
    }
    config = Config.load({"data": str(tmp_path)}, environment)
    assert config.public_url == "https://meet.example.org"
    assert config.trust_proxy
    assert config.smtp is None
    assert config.janus_records
    assert config.database == f"postgresql://parley:{(tmp_path / 'secrets' / 'database_password').read_text()}@" + (
        "database/parley"
    )
    assert config.janus_secret
    assert config.janus_secret != config.janus_admin_key


def made_secrets(folder: Path) -> str:
    """Run a copy of `make-secrets`; what it said."""
    script = folder / "make-secrets"
    script.write_bytes((DEPLOY / "make-secrets").read_bytes())
    script.chmod(0o755)
    return subprocess.run([script], check=True, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}).stdout


def test_secrets_are_drawn_once(project: dict[str, Any], tmp_path: Path) -> None:
    said = made_secrets(tmp_path)
    files = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert {each["file"] for each in project["secrets"].values()} == {f"secrets/{name}" for name in files}
    drawn = [value for name, value in files.items() if name not in ("smtp", "database")]
    assert len(set(drawn)) == len(drawn)
    assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in drawn)
    assert not any(value in said for value in drawn)
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert made_secrets(tmp_path) == ""
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == files


def test_every_secret_that_is_named_is_given(services: dict[str, Any]) -> None:
    for name, service in services.items():
        given = {f"/run/secrets/{each}" for each in service.get("secrets", [])}
        named = {value for value in service.get("environment", {}).values() if str(value).startswith("/run/secrets/")}
        assert named == given, name


def test_variables_are_those_of_the_example() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", TEXT))
    assert used == set(example())
    assert "change" not in EXAMPLE.lower()


def test_images_have_tags(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert re.fullmatch(r"[a-z-]+:[a-z0-9.-]+", service["image"]), name
        assert not service["image"].endswith(":latest")
        if "build" in service:
            dockerfile = DEPLOY.parent / service["build"]["dockerfile"]
            target = service["build"].get("target")
            assert target is None or target in {each.name for each in stages_of(dockerfile)}


def test_only_the_front_and_the_media_server_have_ports(services: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    assert ports == {"front": ["80:80", "443:443", "443:443/udp"], "janus": ["20000-20199:20000-20199/udp"]}


def test_only_servers_reach_the_database(project: dict[str, Any], services: dict[str, Any]) -> None:
    assert services["database"]["networks"] == ["inside"]
    assert project["networks"]["inside"] == {"internal": True}
    inside = {name for name, service in services.items() if "inside" in service["networks"]}
    assert inside == {"database", "migrate", "parley-1", "parley-2"}
    assert services["front"]["networks"] == ["front"]


def test_containers_may_little_and_end_in_time(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}, name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped"), name
        if name != "database":  # its image changes its account by itself
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name
    grace = float(services["parley-1"]["environment"]["PARLEY_DRAIN_SECONDS"])
    assert int(services["parley-1"]["stop_grace_period"].removesuffix("s")) >= grace + 60


def test_each_waits_for_what_it_needs(services: dict[str, Any]) -> None:
    assert services["parley-1"] == services["parley-2"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert how["condition"] in ("service_healthy", "service_completed_successfully"), name
            checked = services[other].get("healthcheck", {})
            if how["condition"] == "service_healthy":
                # Its own check, or that of the image.
                image = [each for each in (DEPLOY, DEPLOY / "janus") if other.startswith(("parley", each.name))]
                assert checked.get("test") or any("HEALTHCHECK" in (i / "Dockerfile").read_text() for i in image)
    assert set(services["parley-1"]["depends_on"]) == {"migrate", "database", "janus"}
    assert set(services["front"]["depends_on"]) == {"parley-1", "parley-2"}


def test_volumes_are_declared_and_what_is_kept_is_in_one(project: dict[str, Any], services: dict[str, Any]) -> None:
    named = {
        volume.partition(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(("./", "/"))
    }
    assert named == set(project["volumes"])
    assert "data:/data" in services["parley-1"]["volumes"]
    assert "data:/data" in services["janus"]["volumes"]
    assert "./Caddyfile:/etc/caddy/Caddyfile:ro" in services["front"]["volumes"]


def test_the_front_gets_what_its_settings_name(services: dict[str, Any]) -> None:
    used = set(re.findall(r"\{\$([A-Z_]+)", (DEPLOY / "Caddyfile").read_text("utf-8")))
    assert set(services["front"]["environment"]) == used
    assert services["front"]["environment"]["PARLEY_UPSTREAMS"].split() == ["parley-1:8080", "parley-2:8080"]
