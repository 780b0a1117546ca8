#pragma once

#include <memory>

#include "partition/place/placement.hpp"

namespace gasket {

std::unique_ptr<Placement> make_random_placement(const PlacementInput& input);

}  // namespace gasket
