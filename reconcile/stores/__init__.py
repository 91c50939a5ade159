"""The foreign systems behind small ports; each adapter declares the permissions that its calls need."""
