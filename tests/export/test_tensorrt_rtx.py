"""TensorRT-RTX compiles the graphs ahead of time, without a GPU: its parser and builder are NVIDIA's own."""

BATCH = 5


def compile_plan(trt, data, side_px):
    """Bytes of the plan for compute capability 8.9; AssertionError with the parser's words."""
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    taken = parser.parse(data)
    assert taken, [parser.get_error(index).desc() for index in range(parser.num_errors)]
    config = builder.create_builder_config()
    config.num_compute_capabilities = 1
    config.set_compute_capability(trt.ComputeCapability.SM89, 0)
    profile = builder.create_optimization_profile()
    one, many = ((batch, side_px, side_px, 3) for batch in (1, BATCH))
    profile.set_shape("frames", one, one, many)
    config.add_optimization_profile(profile)
    plan = builder.build_serialized_network(network, config)
    assert plan is not None
    return plan.nbytes


def test_takes_the_graph_with_maps(tensorrt_rtx, exported):
    size = compile_plan(tensorrt_rtx, exported.data, exported.network.input_px)
    assert size > 0
