locals {
  # Another version is another key, by which CloudFormation sees that something changed; the same one is not uploaded
  # again.
  artefact_key = "reconcile/${filesha256(var.artefact)}.zip"
  template_key = "reconcile/${filesha256(var.template)}.json"

  parameters = merge(var.more_parameters, {
    Stage          = var.stage
    RepairEnabled  = tostring(var.repair_enabled)
    AlarmTopic     = var.alarm_topic
    Buckets        = join(",", var.buckets)
    MediaBuckets   = join(",", coalescelist(var.media_buckets, var.buckets))
    Table          = var.table
    PlaybackDomain = var.playback_domain
    AlgoliaAppId   = var.algolia_app_id
    ReaderSecret   = var.reader_secret
    WriterSecret   = var.writer_secret
    ArtefactBucket = var.artefact_bucket
    ArtefactKey    = local.artefact_key
  })
}
