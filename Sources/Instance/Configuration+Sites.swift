public import PluginKit

extension Configuration {
    /// Every zone on every listener, with the plugins of its block in the order in which queries meet them.
    public var sites: [Site] { Topology(self).sites }
}
