"""What is collected from source: chains, through names, fields, functions and loops."""

import pytest
from missed_uses import unseen
from trt_uses import collect, defined, said

HEAD = "from typing import Any\n"


def chains(text):
    return {said(use.chain) for use in collect({"sample.py": HEAD + text})}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trt.Logger.WARNING", "trt.Logger.WARNING"),
        ("library.module.Builder", "trt.Builder"),
        ("self.library.module.Builder", "trt.Builder"),
        ("self.trt.Builder", "trt.Builder"),
        ("def f(network: Any): network.get_input(0).shape", "INetworkDefinition.get_input(...).shape"),
        ("def f(config: Any): config.flags = 1", "IBuilderConfig.flags"),
        ("def f(engine: Any):\n  for i in engine.tensors: i.name", "ICudaEngine.tensors[...].name"),
        ("def f(engine: Any):\n  [i.name for i in engine.tensors]", "ICudaEngine.tensors[...].name"),
        ("b = trt.Builder(x)\nn = b.create_network()\nn.num_inputs", "trt.Builder(...).create_network(...).num_inputs"),
        ("a, b = trt.Builder(x), 3\na.logger", "trt.Builder(...).logger"),
        ("with trt.Builder(x) as b: b.logger", "trt.Builder(...).logger"),
        ("def make(): return trt.Builder(x)\ndef use():\n  b = make()\n  b.logger", "trt.Builder(...).logger"),
        ("class A:\n  def go(self): self._b.logger\n  def __init__(self): self._b = trt.Builder(x)", "trt.Builder(...).logger"),
        ("class A:\n  engine: Any\n  def go(self): self.engine.name", "ICudaEngine.name"),
        ("def f(x): return trt.Runtime(x) or None\nf(3).num", "trt.Runtime(...).num"),
        ("getattr(trt.BuilderFlag, 'INT8')", "trt.BuilderFlag.INT8"),
        ("hasattr(trt, 'ComputeCapability')", "trt.ComputeCapability"),
        ("if c := trt.Builder(x): c.logger", "trt.Builder(...).logger"),
        ("class M(trt.IProgressMonitor):\n  def phase_finish(self, a): pass", "trt.IProgressMonitor.phase_finish"),
    ],
)  # fmt: skip
def test_a_chain_is_followed(text, expected):
    assert expected in chains(text)


@pytest.mark.parametrize(
    "text",
    [
        "def f(network: str): network.strip()",
        "def f(network: Network): network.variants",
        "engine = read(key)\nengine.plan",
        "def f(trtexec): trtexec.run()",
        "def f(engine: Any):\n  engine = 3\n  engine.bit_length()",
    ],
)
def test_our_own_objects_are_not_taken_for_tensorrts(text):
    assert not {c for c in chains(text) if not c.startswith("trt")}


def test_arguments_keep_their_keywords_and_kinds():
    (use,) = [
        u for u in collect({"a.py": "trt.f(3, 'x', *many, k=trt.HALF)"}) if u.chain[-1][0] == "call"
    ]
    assert use.chain[-1][1] == (
        ("", "int"), ("", "str"), ("*", ""), ("k", ("trt", ("get", "HALF")))
    )  # fmt: skip


def test_what_is_looked_for_first_is_optional():
    text = "hasattr(trt, 'A')\ngetattr(trt, 'B', None)\ngetattr(trt, 'C')"
    optional = {said(u.chain): u.optional for u in collect({"a.py": text})}
    assert optional == {"trt.A": True, "trt.B": True, "trt.C": False}


def test_functions_of_other_files_are_known():
    uses = collect({"a.py": "def make(): return trt.Builder(x)", "b.py": "b = make()\nb.logger"})
    assert ("b.py", "trt.Builder(...).logger") in {(u.file, said(u.chain)) for u in uses}


def test_what_was_missed_is_seen():
    text = HEAD + "thing = dig()\nthing.execute_async_v3(3)\nthing.items()\nthing.ours"
    sources = {"a.py": text, "b.py": "class A:\n  ours: int\n"}
    members = ["execute_async_v3", "items", "ours"]
    assert unseen(sources, collect(sources), members) == []
    sources["a.py"] += "\ntrt.Builder"
    assert [n for _, _, n in unseen(sources, collect(sources), members)] == ["execute_async_v3"]


def test_a_stand_in_tells_what_it_defines():
    text = "class Runtime:\n  def deserialize(self, plan): pass\n  def _own(self): pass\nclass Mine: pass"
    assert {said(u.chain) for u in defined(text, "s.py", {"Runtime"})} == {
        "trt.Runtime",
        "trt.Runtime.deserialize",
    }
