# Everything gasket links. Used by the build and, installed, by find_package(gasket): one list for both.
# `gasket_find` is find_package(... REQUIRED) here and find_dependency there.
set(MPI_CXX_SKIP_MPICXX ON) # the C interface only; MPI's C++ bindings are gone since MPI-3

macro(gasket_find)
  if(GASKET_FIND_AS_DEPENDENCY)
    find_dependency(${ARGV})
  else()
    find_package(${ARGV} REQUIRED)
  endif()
endmacro()

gasket_find(Threads)
gasket_find(MPI 3.1 COMPONENTS CXX)
gasket_find(TBB 2021)
gasket_find(Boost 1.81)
gasket_find(ZLIB)
gasket_find(zstd MODULE)
gasket_find(xxhash MODULE)
gasket_find(metis MODULE)
gasket_find(nlohmann_json 3)
gasket_find(cereal)
gasket_find(fmt 9)
if(NOT GASKET_FIND_AS_DEPENDENCY)
  gasket_find(cxxopts 3)
  # Its parser without std::regex, which costs every file that includes it 8 seconds to compile.
  target_compile_definitions(cxxopts::cxxopts INTERFACE CXXOPTS_NO_REGEX)
  gasket_find(PNG)
endif()
