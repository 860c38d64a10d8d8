# Finds LibTorch in LIBTORCH_ROOT (a folder with include/ and lib/, or a torch wheel's folder); defines LibTorch::LibTorch.
#
# Torch's own config file is not used: that of the default wheel demands a CUDA toolkit even for CPU work. And the wheel's
# include/ carries fmt, protobuf and pybind11 in versions other than the system's, so all entries but those three are
# exposed through a folder of links.
set(LIBTORCH_ROOT "$ENV{LIBTORCH_ROOT}" CACHE PATH "folder with LibTorch's include/ and lib/")
if(NOT LIBTORCH_ROOT)
  find_program(LIBTORCH_PYTHON NAMES python3 python)
  if(LIBTORCH_PYTHON)
    execute_process(COMMAND ${LIBTORCH_PYTHON} -c # find_spec does not import torch
        "import importlib.util as u; s=u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE _root OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    set(LIBTORCH_ROOT "${_root}" CACHE PATH "" FORCE)
  endif()
endif()
find_path(LibTorch_INCLUDE_DIR torch/script.h HINTS ${LIBTORCH_ROOT}/include NO_DEFAULT_PATH)
foreach(_l torch torch_cpu c10 torch_cuda c10_cuda)
  find_library(LibTorch_${_l}_LIBRARY ${_l} HINTS ${LIBTORCH_ROOT}/lib NO_DEFAULT_PATH)
endforeach()
if(LibTorch_INCLUDE_DIR)
  file(STRINGS ${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h _v REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX REPLACE "[^0-9]*([0-9]+)[^0-9]*" "\\1." _v "${_v}")
  string(REGEX REPLACE "\\.$" "" LibTorch_VERSION "${_v}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch VERSION_VAR LibTorch_VERSION
  REQUIRED_VARS LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY LibTorch_torch_LIBRARY LibTorch_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "set LIBTORCH_ROOT, or LIBTORCH_PYTHON to a python that has torch (pip install torch)")
if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  set(_inc ${CMAKE_BINARY_DIR}/libtorch_include)
  file(MAKE_DIRECTORY ${_inc})
  file(GLOB _heads RELATIVE ${LibTorch_INCLUDE_DIR} ${LibTorch_INCLUDE_DIR}/*)
  list(REMOVE_ITEM _heads fmt google pybind11)
  foreach(_h IN LISTS _heads)
    file(CREATE_LINK ${LibTorch_INCLUDE_DIR}/${_h} ${_inc}/${_h} SYMBOLIC)
  endforeach()
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE ${_inc} ${_inc}/torch/csrc/api/include)
  target_compile_features(LibTorch::LibTorch INTERFACE cxx_std_20)
  target_link_libraries(LibTorch::LibTorch INTERFACE ${LibTorch_torch_cpu_LIBRARY} ${LibTorch_c10_LIBRARY})
  if(LibTorch_torch_cuda_LIBRARY) # no symbol refers to these: keep them, or CUDA "is not available"
    target_link_libraries(LibTorch::LibTorch INTERFACE -Wl,--push-state,--no-as-needed
      ${LibTorch_torch_LIBRARY} ${LibTorch_torch_cuda_LIBRARY} ${LibTorch_c10_cuda_LIBRARY} -Wl,--pop-state)
  endif()
endif()
