import PluginKit

/// Passes everything; there for the list of plugins.
final class CancelPlugin: Plugin {}
