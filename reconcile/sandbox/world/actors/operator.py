"""Operators and other clients: everything in the stores that is neither a recording nor about one."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.builder import WorldBuilder

_STRAY_KEYS = (
    "recording-started-latest.json",
    "README (do not delete) 100% + ünïcode.txt",
    "probe 50%2F50/a+b c/日本語 ✓.json",
    "ivs/v1/notes/2026/2/todo.txt",
    "ivs-recordings/old guess/readme.txt",
    "test-recordings/ivs-test-1770000000000.txt",
    "public/found-music/Änderung #7 (live) 90%.mp3",
    "one/two/three/composite/master.m3u8",
    "x" * 300 + "/" + "y" * 723,
)


def clutter_bucket(builder: WorldBuilder, bucket: str, at: datetime) -> None:
    """Leave in a bucket what lies beside recordings: MediaLive's folders, images, uploads, tests."""
    keys = list(_STRAY_KEYS)
    for _ in range(2):
        session_id = builder.uuid()
        keys += [f"sessions/{session_id}/recording/index{part}" for part in (".m3u8", "_rec.m3u8")]
        keys += [f"sessions/{session_id}/recording/index_rec_{number:05d}.ts" for number in range(20)]
        keys += [f"recordings/{session_id}/recording_recording_{number:05d}.ts" for number in range(20)]
        keys += [f"recordings/{session_id}/recording.m3u8", f"recordings/{session_id}/index_rec.m3u8"]
        keys += [f"tracklists/{session_id}/playlist.m3u8"]
    for number in range(6):
        stamp = int(at.timestamp() * 1000) + number
        keys.append(f"shows/{builder.uuid()}/images/{stamp}-Plakat für {number} + 1.png")
        keys.append(f"users/{builder.uuid()}/programs/files/{stamp}-Song (demo) {number}.mp4")
    for key in keys:
        builder.put_object(bucket, key, b"noise", at)


def clutter_table(builder: WorldBuilder, at: datetime) -> None:
    """Rows of every other entity, of guests and ghosts, of keys that no function writes any more."""
    made = formats.javascript_time(at)
    network, channel, playlist = builder.uuid(), builder.uuid(), builder.uuid()
    builder.put("admin", "stats", totalUsersCount=12, totalNetworksCount=1)
    builder.put(
        f"n#{network}", "info", entityType="network", networkId=network, GSI1PK="networks",
        GSI1SK=f"cat#music#{network}", totalUsersCount=1, createdAt=made,
    )  # fmt: skip
    builder.put(f"n#{network}#channels", f"ch#{channel}", entityType="channel", channelId=channel)
    builder.put(f"n#{network}#ch#{channel}#playlists", f"pl#{playlist}", entityType="playlist")
    legacy = f"n#{network}#pr#{builder.uuid()}"
    builder.put(legacy, legacy, programId=legacy.rpartition("#")[2], title="Old line-up")
    for _ in range(3):
        user, show = builder.uuid(), builder.uuid()
        builder.put(f"u#{user}", "info", entityType="user#creator", userId=user, createdAt=made)
        builder.put(f"up#{user}", f"info#n#{network}", entityType="user-profile")
        builder.put(f"u#{user}#programs", f"p#{builder.uuid()}", entityType="program", title="No id")
        builder.put(f"show#{show}", f"guest#{user}", userId=user, ttl=int(at.timestamp()) + 86400)
        builder.update((f"show#{show}", "info"), tracklistId=builder.uuid(), updatedAt=made)
    _stuck_channel(builder, at - timedelta(days=2))


def _stuck_channel(builder: WorldBuilder, at: datetime) -> None:
    """A channel left LIVE by a create-session that died: its session never got a row."""
    channel_id, made = builder.uuid(), formats.javascript_time(at)
    builder.put(
        f"channel#{channel_id}", "info", entityType="persistentChannel", channelId=channel_id, state="LIVE",
        channelArn=formats.arn("channel", builder.ivs_id()), streamKey="not-a-real-key",
        recordingConfigurationArn=None, currentSessionId=builder.uuid(), totalBroadcasts=2,
        totalStreamingMinutes=0, updatedAt=made,
    )  # fmt: skip
