"""The portal while its parts are killed: real servers, real processes, points named from outside the product's code."""
