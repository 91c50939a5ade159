"""Those who act in a world: IVS, producers and hosts, owners of programs, network curators, operators."""
