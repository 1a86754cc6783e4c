"""Who asks, and the interface of the plugins that find it out."""
