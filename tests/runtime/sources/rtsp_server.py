"""A real RTSP server for the tests, by the system's Python: rtsp_server.py PORT WIDTH HEIGHT PATTERN; user lab, password Xq7Kw.

It needs gir1.2-gst-rtsp-server-1.0, python3-gi and gstreamer1.0-plugins-good. It prints one line when it serves.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

port, width, height, pattern = sys.argv[1:]
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_shared(True)
factory.set_launch(
    f"( videotestsrc is-live=true pattern={pattern} ! "
    f"video/x-raw,format=I420,width={width},height={height},framerate=15/1 ! jpegenc ! rtpjpegpay name=pay0 )"
)
token = GstRtspServer.RTSPToken()
token.set_string("media.factory.role", "lab")
permissions = GstRtspServer.RTSPPermissions()
permissions.add_role("lab")
for right in ("media.factory.access", "media.factory.construct"):
    permissions.add_permission_for_role("lab", right, True)
factory.set_permissions(permissions)
auth = GstRtspServer.RTSPAuth()
auth.add_basic(GstRtspServer.RTSPAuth.make_basic("lab", "Xq7Kw"), token)
server.set_auth(auth)
server.get_mount_points().add_factory("/field", factory)
server.attach(None)
print("serving", flush=True)
GLib.MainLoop().run()
