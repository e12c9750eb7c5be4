"""Every file of `deploy/`, held against what can judge it here."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings
from tests.conftest import ROOT
from tests.deploy.files import DEPLOY, MANIFESTS, UNITS, compose, documents, ran, resources, tool

SECRETS = {"discord_token", "slack_bot_token", "slack_app_token", "slack_signing_secret", "database_url"}
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and "secrets" not in path.parts)


def test_every_file_is_known_to_these_tests() -> None:
    """A new file comes with a test of its own."""
    assert {path.relative_to(DEPLOY).as_posix() for path in FILES} == {
        "Dockerfile",
        "Dockerfile.dockerignore",
        "README.md",
        "alerts.yaml",
        "briefbot-facts.service",
        "briefbot-facts.timer",
        "briefbot.service",
        "build.lock",
        "compose.yaml",
        "facts-sync",
        "grafana-dashboard.json",
        "kubernetes/00-namespace.yaml",
        "kubernetes/01-settings.yaml",
        "kubernetes/digest.yaml",
        "kubernetes/discord.yaml",
        "kubernetes/network.yaml",
        "kubernetes/slack.yaml",
        "requirements.lock",
        "slack-manifest.json",
    }


def test_every_setting_that_is_named_exists() -> None:
    known = {str(field.validation_alias or f"BRIEFBOT_{name.upper()}") for name, field in Settings.model_fields.items()}
    for path in FILES:
        named = set(re.findall(r"\bBRIEFBOT_[A-Z_]+\b", path.read_text(encoding="utf-8")))
        assert named <= known, f"{path.name} names settings that do not exist"


def test_every_secret_that_is_named_is_one_of_ours() -> None:
    loaded = re.findall(
        r"^LoadCredential=(\w+):briefbot\.(\w+)$", (DEPLOY / "briefbot.service").read_text(), re.MULTILINE
    )
    assert {name for name, _ in loaded} == SECRETS
    assert all(name == file for name, file in loaded)
    for name in ("kubernetes/00-namespace.yaml", "compose.yaml"):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        assert set(re.findall(r"\b(?:discord|slack)_(?:\w+_)?(?:token|secret)\b", text)) <= SECRETS, name


def test_no_file_holds_a_secret() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"xox[a-z]-|xapp-|-----BEGIN|://[^/\s:]+:(?!%s@)[^/\s@]+@", text), path.name


class TestImage:
    def test_hadolint_has_nothing_to_say(self) -> None:
        hadolint = tool("hadolint", "It comes with the extra `test`.")
        done = ran(hadolint, "--failure-threshold", "info", DEPLOY / "Dockerfile")
        assert (done.returncode, done.stdout) == (0, "")

    def test_nothing_is_installed_but_from_the_lock_files(self) -> None:
        for command in re.findall(r"pip (?:--python \S+ )?install [^\\&\n]+", (DEPLOY / "Dockerfile").read_text()):
            assert "--require-hashes" in command or "--no-deps --no-index" in command, command

    def test_each_image_ends_as_a_user_without_rights(self) -> None:
        stages = re.split(r"^FROM ", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)[2:]
        users = [re.findall(r"^USER (.+)$", stage, re.MULTILINE)[-1] for stage in stages if "USER" in stage]
        assert users == ["65532:65532", "65532:65532"]
        assert stages[-1].strip() == "bot"

    def test_what_is_copied_is_let_through_and_nothing_else(self) -> None:
        dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
        copied = re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE)
        sources = {source for line in copied for source in line.split()[:-1]}
        ignore = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
        assert "*" in ignore
        assert {line[1:] for line in ignore if line.startswith("!")} == sources
        assert all((ROOT / source).exists() for source in sources)


class TestCompose:
    def test_it_follows_the_specification(self) -> None:
        compose_spec = pytest.importorskip("compose_spec", reason="It comes with the extra `test`.")
        compose_spec.PyCompose.from_yaml(yaml.safe_dump(compose())).validate()

    @pytest.mark.parametrize(
        ("key", "value"), [("read_onlyy", True), ("read_only", "maybe"), ("depends_on", {"facts": {"condition": "x"}})]
    )
    def test_what_does_not_follow_it_would_be_found(self, key: str, value: object) -> None:
        compose_spec = pytest.importorskip("compose_spec", reason="It comes with the extra `test`.")
        broken = compose()
        broken["services"]["bot"][key] = value
        with pytest.raises(ValueError, match=key if key != "depends_on" else "condition"):
            compose_spec.PyCompose.from_yaml(yaml.safe_dump(broken))

    def test_a_security_linter_finds_nothing_of_weight(self, tmp_path: Path) -> None:
        lint = tool("compose-lint", "It comes with the extra `test`.")
        (tmp_path / "compose.yaml").write_text(yaml.safe_dump(compose()), encoding="utf-8")
        done = ran(lint, "--fail-on", "high", tmp_path / "compose.yaml")
        assert done.returncode == 0, done.stdout

    def test_every_service_is_hardened(self) -> None:
        for name, service in compose()["services"].items():
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert not {"privileged", "cap_add", "devices", "network_mode", "pid"} & service.keys(), name
            assert {"mem_limit", "pids_limit", "cpus", "tmpfs"} <= service.keys(), name
            assert not any("docker.sock" in str(volume) for volume in service.get("volumes", ())), name

    def test_only_the_state_is_writable_for_the_bot(self) -> None:
        services = compose()["services"]
        writable = {
            name: list(map(_target, filter(_writable, one.get("volumes", ())))) for name, one in services.items()
        }
        assert writable == {
            "bot": ["/data"],
            "facts": ["/facts"],
            "first-facts": ["/facts"],
            "database": ["/var/lib/postgresql/data"],
            "migrate": [],
            "digest": [],
        }

    def test_only_this_machine_reaches_the_metrics(self) -> None:
        ports = [port for service in compose()["services"].values() for port in service.get("ports", ())]
        assert ports == ["127.0.0.1:8087:8087"]

    def test_several_workers_come_with_postgresql_and_the_bot_without(self) -> None:
        services = compose()["services"]
        optional = {name for name, one in services.items() if one.get("profiles") == ["postgresql"]}
        assert optional == {"database", "migrate", "digest"}
        assert services["digest"]["command"] == ["run", "--only", "digest"]
        assert services["digest"]["deploy"]["replicas"] > 1


def _writable(volume: Any) -> bool:
    return not (volume["read_only"] if isinstance(volume, dict) else volume.endswith(":ro"))


def _target(volume: Any) -> str:
    return str(volume["target"]) if isinstance(volume, dict) else volume.split(":")[1]


class TestUnits:
    @pytest.fixture
    def units(self, tmp_path: Path) -> list[Path]:
        """The units, with programs that are here in place of those that an installation puts there."""
        for path in UNITS:
            text = re.sub(
                r"^ExecStart=/opt/briefbot/bin/\S+", "ExecStart=/bin/true", path.read_text(), flags=re.MULTILINE
            )
            (tmp_path / path.name).write_text(text, encoding="utf-8")
        return [tmp_path / path.name for path in UNITS]

    def test_systemd_understands_them(self, units: list[Path]) -> None:
        analyze = tool("systemd-analyze", "apt-get install systemd")
        done = ran(analyze, "verify", *units)
        assert (done.returncode, done.stderr) == (0, "")

    def test_their_exposure_is_at_most_two_of_ten(self, units: list[Path]) -> None:
        analyze = tool("systemd-analyze", "apt-get install systemd")
        for unit in units:
            if unit.suffix == ".service":
                done = ran(analyze, "security", "--offline=true", "--threshold=20", "--no-pager", unit)
                assert done.returncode == 0, done.stdout

    def test_the_stop_is_given_the_time_that_the_bot_takes(self) -> None:
        text = (DEPLOY / "briefbot.service").read_text(encoding="utf-8")
        takes, gives = (int(re.search(rf"{name}=(\d+)", text)[1]) for name in ("STOP_SECONDS", "TimeoutStopSec"))  # type: ignore[index]
        assert takes + 5 <= gives

    def test_the_facts_are_looked_for_each_minute(self) -> None:
        timer = (DEPLOY / "briefbot-facts.timer").read_text(encoding="utf-8")
        assert "OnUnitInactiveSec=60\n" in timer


class TestKubernetes:
    @pytest.mark.parametrize("version", ["1.30", "1.33"])
    @pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
    def test_each_manifest_follows_the_schema(self, path: Path, version: str) -> None:
        validate = tool("kubernetes-validate", "It comes with the extra `test`.")
        done = ran(validate, "--strict", "--kubernetes-version", version, path)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_every_pod_is_restricted(self) -> None:
        for deployment in resources("Deployment"):
            pod = deployment["spec"]["template"]["spec"]
            assert pod["automountServiceAccountToken"] is False
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            for container in (*pod["containers"], *pod["initContainers"]):
                assert container["securityContext"] == {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                }
                assert "memory" in container["resources"]["limits"]
        assert resources("Namespace")[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"

    def test_the_bot_can_only_read_the_facts(self) -> None:
        for deployment in resources("Deployment"):
            (container,) = deployment["spec"]["template"]["spec"]["containers"]
            writable = [one["name"] for one in container["volumeMounts"] if not one.get("readOnly")]
            assert writable == ["tmp"]

    def test_what_is_named_is_there(self) -> None:
        names = {(one["kind"], one["metadata"]["name"]) for path in MANIFESTS for one in documents(path)}
        for deployment in resources("Deployment"):
            pod = deployment["spec"]["template"]["spec"]
            volumes = {volume["name"] for volume in pod["volumes"]}
            for container in (*pod["containers"], *pod["initContainers"]):
                assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
                for source in container["envFrom"]:
                    assert ("ConfigMap", source["configMapRef"]["name"]) in names
        labels = [one["spec"]["template"]["metadata"]["labels"] for one in resources("Deployment")]
        for one in (*resources("PodDisruptionBudget"), *resources("Deployment")):
            assert one["spec"]["selector"]["matchLabels"] in labels
        for one in resources("Service"):
            assert one["spec"]["selector"] in labels
        for path in MANIFESTS:
            for one in documents(path):
                assert one["kind"] == "Namespace" or one["metadata"]["namespace"] == "briefbot"

    def test_replicas_where_they_may_be_and_one_where_not(self) -> None:
        found = {
            one["metadata"]["name"]: (one["spec"]["replicas"], one["spec"]["strategy"]["type"])
            for one in resources("Deployment")
        }
        assert found == {"digest": (3, "RollingUpdate"), "slack": (2, "RollingUpdate"), "discord": (1, "Recreate")}
        assert {one["metadata"]["name"] for one in resources("PodDisruptionBudget")} == {"digest", "slack"}

    def test_a_pod_is_given_the_time_to_stop(self) -> None:
        (settings,) = (one for one in resources("ConfigMap") if one["metadata"]["name"] == "settings")
        for deployment in resources("Deployment"):
            pod = deployment["spec"]["template"]["spec"]
            assert pod["terminationGracePeriodSeconds"] >= int(settings["data"]["BRIEFBOT_STOP_SECONDS"]) + 10


def test_the_image_and_the_manifests_carry_the_version_of_the_package() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    for path in (DEPLOY / "compose.yaml", *MANIFESTS):
        tags = re.findall(r"image: \S*briefbot(?:-facts)?:(?:\$\{TAG:-)?([\w.]+)", path.read_text(encoding="utf-8"))
        assert set(tags) <= {version[1]}, path.name


def test_the_script_of_the_facts_is_sound_and_can_be_run() -> None:
    assert shutil.which(str(DEPLOY / "facts-sync"))
    shellcheck = tool("shellcheck", "It comes with the extra `test`.")
    done = ran(shellcheck, "--enable=all", "--exclude=SC2250,SC2312,SC2310,SC2311", DEPLOY / "facts-sync")
    assert done.returncode == 0, done.stdout
