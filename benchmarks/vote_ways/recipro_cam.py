"""OpenVINO with OpenVINO XAI: Recipro-CAM inserted into the graph, which is another map than Grad-CAM."""

import numpy as np

from vote_ways.answer import Answer, AnswerWay, Frame, heat_of
from vote_ways.case import Case
from vote_ways.onnx_by_hand import export_by_hand
from vote_ways.stand_ins import restore_openvino_runtime
from vote_ways.voter import open_trees


def open_recipro_cam(case: Case, hint: str) -> AnswerWay:
    """`hint` is OpenVINO's inference precision. The map's layer is the one that the other ways explain (Byun and Lee 2022)."""
    restore_openvino_runtime()
    import openvino
    import openvino_xai

    core = openvino.Core()
    model = core.read_model(export_by_hand(case))
    target = model.output("target").get_node().input(0).get_source_output().get_node()
    explained = openvino_xai.insert_xai(
        model,
        task=openvino_xai.Task.CLASSIFICATION,
        target_layer=target.get_friendly_name(),
        embed_scaling=False,
    )
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": case.threads}
    settings["INFERENCE_PRECISION_HINT"] = hint
    request = core.compile_model(explained, "CPU", settings).create_infer_request()
    trees = open_trees(case.trees, case.threads)

    def answer(frame: Frame) -> Answer:
        images = np.ascontiguousarray(frame.transpose(2, 0, 1)[None], np.float32) / 255
        outputs = request.infer({"images": images})
        probabilities = trees.predict_proba(outputs["features"])[0]
        voted = int(probabilities.argmax())
        grid = outputs["saliency_map"][0, voted].astype(np.float32)
        return Answer(voted, probabilities, heat_of(grid, frame.shape[0]))

    return answer
