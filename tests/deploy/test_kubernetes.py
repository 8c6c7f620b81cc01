"""The manifests against Kubernetes' own schemas, and against what they say about each other and the program knows."""

import re
import subprocess

import kubernetes_validate
import pytest
import yaml

from conftest import DEPLOY, ROOT

FOLDER = DEPLOY / "kubernetes"
MANIFESTS = list(yaml.safe_load_all((FOLDER / "storysign.yaml").read_text()))
VERSIONS = ("1.29", "1.33", "1.37")


def of(kind, name="storysign"):
    [found] = [one for one in MANIFESTS if one["kind"] == kind and one["metadata"]["name"] == name]
    return found


def pod():
    return of("Deployment")["spec"]["template"]


def container():
    [only] = pod()["spec"]["containers"]
    return only


def setting(key):
    """The default of a setting."""
    return yaml.safe_load(subprocess.run(["grep", "-hoP", rf"SETTINGS_INTEGER\({key}, \K\d+",
                                          ROOT / "src/config/settings_table.inc"], capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda one: one["kind"])
def test_the_schema_knows_it(manifest, version):
    kubernetes_validate.validate(manifest, version, strict=True)


def test_the_schema_refuses_what_it_does_not_know():
    wrong = yaml.safe_load(yaml.safe_dump(of("Deployment")))
    wrong["spec"]["template"]["spec"]["terminationGracePeriod"] = 80
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[0], strict=True)


def test_everything_points_at_the_pods():
    labels = pod()["metadata"]["labels"].items()
    assert of("Deployment")["spec"]["selector"]["matchLabels"].items() <= labels
    assert of("Service")["spec"]["selector"].items() <= labels
    assert of("PodDisruptionBudget")["spec"]["selector"]["matchLabels"].items() <= labels
    assert of("NetworkPolicy")["spec"]["podSelector"]["matchLabels"].items() <= labels
    target = of("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", of("Deployment")["metadata"]["name"])
    assert "replicas" not in of("Deployment")["spec"], "the autoscaler says how many"


def test_ports_by_name_exist():
    names = {port["name"] for port in container()["ports"]}
    wanted = {port["targetPort"] for port in of("Service")["spec"]["ports"]}
    wanted |= {container()[probe]["httpGet"]["port"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    wanted |= {port["port"] for rule in of("NetworkPolicy")["spec"]["ingress"] for port in rule["ports"]}
    assert wanted <= names


def test_probes_ask_what_the_server_answers():
    assert container()["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container()["livenessProbe"]["httpGet"]["path"] == "/healthz", "a draining server must not be killed"


def test_a_pod_may_take_its_time_to_drain():
    config = yaml.safe_load(of("ConfigMap")["data"]["config.yaml"])
    grace = pod()["spec"]["terminationGracePeriodSeconds"]
    pause = int(container()["lifecycle"]["preStop"]["exec"]["command"][1])
    assert grace >= pause + config["server"]["drain_timeout_ms"] / 1000 + 10
    assert of("Deployment")["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_nothing_runs_as_root_or_may_become_it():
    assert pod()["spec"]["securityContext"]["runAsNonRoot"] is True
    for one in [container(), *pod()["spec"].get("initContainers", [])]:
        context = one["securityContext"]
        assert context["allowPrivilegeEscalation"] is False and context["readOnlyRootFilesystem"] is True
        assert context["capabilities"]["drop"] == ["ALL"]
        assert one["image"].split(":")[-1] not in ("latest", one["image"])


def test_nothing_secret_is_written_down():
    text = (FOLDER / "storysign.yaml").read_text()
    assert "kind: Secret\n" not in text
    assert not re.search(r"password:\s*\S|postgres(ql)?://\S+:\S+@", text)


def test_the_program_takes_the_settings(program, tmp_path):
    """The configuration file and every variable; an unknown key would be refused."""
    file = tmp_path / "config.yaml"
    file.write_text(of("ConfigMap")["data"]["config.yaml"])
    variables = {one["name"]: one.get("value", "x") for one in container().get("env", [])}
    done = subprocess.run([program, "config", "check", "--config", file], env={"PATH": "/usr/bin", **variables}, cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_autoscaler_reads_the_metric_that_the_adapter_makes():
    [metric] = of("HorizontalPodAutoscaler")["spec"]["metrics"]
    rules = yaml.safe_load((FOLDER / "adapter-rules.yaml").read_text())["rules"]["custom"]
    assert metric["pods"]["metric"]["name"] in [rule["name"]["as"] for rule in rules]
