#pragma once
// The factories of the strategies.

#include "partition/place/placement.hpp"

namespace gasket {

std::unique_ptr<Placement> make_automatic_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_random_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_source_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_target_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_contiguous_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_block_cyclic_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_grid_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_pds_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_dbh_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_oblivious_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_greedy_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_hdrf_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_hybrid_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_ginger_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_cvc_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_fennel_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_ldg_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_two_phase_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_hep_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_metis_placement(const PlacementInput& input);
std::unique_ptr<Placement> make_import_placement(const PlacementInput& input);

/// What import:FILE takes, by whether the first line that is no comment is of a vertex or of an edge.
PlacingMemory memory_of_import(std::string_view path);

}  // namespace gasket
